"""Train a small BERT to tell which Chinese classic a passage is from; write model.onnx, tokenizer.json, golden.json.

The text is Debian's package fortunes-zh, 2.98. Install it (`apt-get install fortunes-zh`) and run `python train.py`, or
name the folder of its files: `apt-get download fortunes-zh && dpkg-deb -x fortunes-zh_*.deb text`, then
`python train.py text/usr/share/games/fortunes`.
"""

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path

import numpy as np
import onnx
import torch
from passages import LABELS, Passage, bare, classics, poems, sentences, split
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from tokenizers import Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer
from tokenizers.processors import TemplateProcessing
from torch import Tensor, nn
from torch.nn import functional

HERE = Path(__file__).parent
INSTALLED = Path("/usr/share/games/fortunes")
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
PAD, UNK, CLS, SEP, MASK = range(5)
LONGEST = 128  # tokens, [CLS] and [SEP] included
WIDTH, LAYERS, HEADS, INNER, DROPOUT = 96, 2, 4, 192, 0.2
BATCH, STEPS, PEAK_RATE = 48, 3000, 3e-3
TOLERANCE = 1e-5


def tokenizer_of(texts: Iterable[str]) -> Tokenizer:
    """Characters as BERT for Chinese takes them; those that occur once count as unknown."""
    counts = Counter(character for text in texts for character in text)
    known = sorted(character for character, count in counts.items() if count > 1)
    vocabulary = {token: index for index, token in enumerate(SPECIAL + known)}
    tokenizer = Tokenizer(WordPiece(vocabulary, unk_token=SPECIAL[UNK]))
    tokenizer.normalizer = BertNormalizer()
    tokenizer.pre_tokenizer = BertPreTokenizer()
    tokenizer.post_processor = TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", CLS), ("[SEP]", SEP)],
    )
    tokenizer.add_special_tokens(SPECIAL)
    tokenizer.enable_truncation(LONGEST)
    tokenizer.enable_padding()
    return tokenizer


class Layer(nn.Module):
    """Self-attention and a feed-forward network, each followed by a sum with its input and a normalisation."""

    def __init__(self) -> None:
        super().__init__()
        self.query, self.key, self.value = (nn.Linear(WIDTH, WIDTH) for _ in range(3))
        self.mixed, self.wide, self.narrow = nn.Linear(WIDTH, WIDTH), nn.Linear(WIDTH, INNER), nn.Linear(INNER, WIDTH)
        self.attended, self.transformed = nn.LayerNorm(WIDTH, eps=1e-12), nn.LayerNorm(WIDTH, eps=1e-12)
        self.dropout = nn.Dropout(DROPOUT)

    def forward(self, states: Tensor, bias: Tensor) -> Tensor:
        """States [rows, tokens, width] after the layer; `bias` [rows, 1, 1, tokens] is very negative at padding."""
        query, key, value = (
            part(states).unflatten(-1, (HEADS, WIDTH // HEADS)).transpose(1, 2)
            for part in (self.query, self.key, self.value)
        )
        scores = query @ key.transpose(2, 3) / (WIDTH // HEADS) ** 0.5 + bias
        context = (self.dropout(scores.softmax(-1)) @ value).transpose(1, 2).flatten(2)
        states = self.attended(states + self.dropout(self.mixed(context)))
        return self.transformed(states + self.dropout(self.narrow(functional.gelu(self.wide(states)))))


class Network(nn.Module):
    """BERT (Devlin et al., 2018), small, with a classifier."""

    def __init__(self, tokens: int) -> None:
        super().__init__()
        self.tokens = nn.Embedding(tokens, WIDTH)
        self.positions, self.types = nn.Embedding(LONGEST, WIDTH), nn.Embedding(2, WIDTH)
        self.embedded, self.dropout = nn.LayerNorm(WIDTH, eps=1e-12), nn.Dropout(DROPOUT)
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))
        self.pooler, self.classifier = nn.Linear(WIDTH, WIDTH), nn.Linear(WIDTH, len(LABELS))
        for weights in self.parameters():
            if weights.ndim == 2:
                nn.init.normal_(weights, std=0.02)

    def states(self, ids: Tensor, mask: Tensor, types: Tensor) -> Tensor:
        """What the layers make of the tokens, [rows, tokens, width]."""
        places = torch.arange(ids.shape[1])
        states = self.dropout(self.embedded(self.tokens(ids) + self.positions(places) + self.types(types)))
        bias = (1.0 - mask[:, None, None, :].float()) * -10000.0
        for layer in self.layers:
            states = layer(states, bias)
        return states

    def scores(self, states: Tensor) -> Tensor:
        """Scores of the labels, [rows, labels], from the state of [CLS]."""
        return self.classifier(self.dropout(torch.tanh(self.pooler(states[:, 0]))))

    def forward(self, ids: Tensor, mask: Tensor, types: Tensor) -> Tensor:
        """Probabilities of the labels, [rows, labels]."""
        return self.scores(self.states(ids, mask, types)).softmax(1)


def encoded(tokenizer: Tokenizer, texts: list[str]) -> tuple[Tensor, Tensor, Tensor]:
    """What model.toml declares: ids, mask and types [rows, tokens], cut at the end, padded to the longest."""
    rows = tokenizer.encode_batch(texts)
    return tuple(torch.tensor([getattr(row, of) for row in rows]) for of in ("ids", "attention_mask", "type_ids"))


def batches(passages: list[Passage], tokenizer: Tokenizer) -> Iterator[tuple[Tensor, Tensor, Tensor, Tensor]]:
    """Batches without end of random runs of sentences, encoded, and their labels; every label equally often.

    The length of a run is geometric, 2.9 sentences in the mean; half of the runs lose their punctuation.
    Runs of about the same length are in a batch, because padding costs time.
    """
    chance = np.random.default_rng(0)
    books = [[sentences(passage.text) for passage in passages if passage.label == label] for label in LABELS]
    shares = [np.array([len(pieces) for pieces in book]) / sum(map(len, book)) for book in books]
    while True:
        labels, texts = chance.integers(len(LABELS), size=8 * BATCH), []
        for label in labels:
            pieces = books[label][chance.choice(len(books[label]), p=shares[label])]
            start, count = chance.integers(len(pieces)), chance.geometric(0.35)
            texts.append((str, bare)[chance.integers(2)]("".join(pieces[start : start + count])))
        by_length = np.argsort([len(text) for text in texts], kind="stable")
        for some in chance.permutation(by_length.reshape(8, BATCH)):
            yield *encoded(tokenizer, [texts[index] for index in some]), torch.from_numpy(labels[some])


def masked(ids: Tensor, tokens: int) -> tuple[Tensor, Tensor]:
    """Ids of which 15 % are hidden as in BERT, of ten: eight by [MASK], one by another token, one not; and which."""
    hidden = (torch.rand(ids.shape) < 0.15) & (ids > MASK)
    kind = torch.rand(ids.shape)
    other = torch.where(kind < 0.8, MASK, torch.randint(MASK + 1, tokens, ids.shape))
    return torch.where(hidden & (kind < 0.9), other, ids), hidden


def trained(passages: list[Passage], tokenizer: Tokenizer) -> Network:
    """The network after guessing both the labels and the hidden characters of random runs of sentences."""
    tokens = tokenizer.get_vocab_size()
    network = Network(tokens).train()
    guess = nn.Sequential(nn.Linear(WIDTH, WIDTH), nn.GELU(), nn.LayerNorm(WIDTH, eps=1e-12))
    optimizer = torch.optim.AdamW([*network.parameters(), *guess.parameters()], weight_decay=1e-2, fused=True)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, PEAK_RATE, total_steps=STEPS)
    for ids, mask, types, labels in islice(batches(passages, tokenizer), STEPS):
        seen, hidden = masked(ids, tokens)
        states = network.states(seen, mask, types)
        characters = guess(states[hidden]) @ network.tokens.weight.T
        loss = functional.cross_entropy(characters, ids[hidden])
        loss = loss + functional.cross_entropy(network.scores(states), labels, label_smoothing=0.05)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        schedule.step()
    return network.eval()


@torch.no_grad()
def probabilities(network: Network, tokenizer: Tokenizer, texts: list[str]) -> np.ndarray:
    """Probabilities of the labels, [texts, labels]."""
    parts = [texts[start : start + 64] for start in range(0, len(texts), 64)]
    return torch.cat([network(*encoded(tokenizer, part)) for part in parts]).numpy()


def baseline(passages: list[Passage]) -> Callable[[list[str]], np.ndarray]:
    """What to compare with: logistic regression on single characters and pairs; gives indices of labels."""
    rows = [(text, p.label) for p in passages for text in {*sentences(p.text), *map(bare, sentences(p.text)), p.text}]
    counts = TfidfVectorizer(analyzer="char", ngram_range=(1, 2), sublinear_tf=True)
    model = make_pipeline(counts, LogisticRegression(C=3, class_weight="balanced", max_iter=3000))
    texts, labels = zip(*sorted(rows), strict=True)
    model.fit(texts, [LABELS.index(label) for label in labels])
    return model.predict


def compared(guesses: list[np.ndarray], labels: np.ndarray, owners: np.ndarray) -> str:
    """Balanced accuracies of two ways to guess, and their difference, with 95 % intervals over passages drawn anew."""
    of_label = [labels == label for label in np.unique(labels)]
    passages = [np.unique(owners[rows]) for rows in of_label]
    chance = np.random.default_rng(0)

    def figures(weights: np.ndarray) -> list[float]:
        shares = [[np.average(g[rows] == labels[rows], weights=weights[rows]) for rows in of_label] for g in guesses]
        first, second = np.mean(shares, axis=1)
        return [first, second, first - second]

    drawn = [np.concatenate([chance.choice(some, len(some)) for some in passages]) for _ in range(1000)]
    again = [figures(np.bincount(some, minlength=owners.max() + 1)[owners]) for some in drawn]
    rows = np.c_[figures(np.ones(len(labels))), np.transpose(np.quantile(again, (0.025, 0.975), axis=0))]
    return ", ".join(f"{value:.4f} ({low:.3f} to {high:.3f})" for value, low, high in rows)


def report(network: Network, tokenizer: Tokenizer, kept: list[Passage], held_out: list[Passage]) -> None:
    """Print figures for held-out sentences and passages, beside those of the baseline."""
    simple = baseline(kept)
    pieces = [(text, owner) for owner, passage in enumerate(held_out) for text in sentences(passage.text)]
    wholes = [(passage.text, owner) for owner, passage in enumerate(held_out)]
    print("held out; balanced accuracy of the network, of logistic regression, and the difference")
    for name, rows, change in (
        ("sentences", pieces, str),
        ("sentences without punctuation", pieces, bare),
        ("whole passages", wholes, str),
    ):
        texts, owners = [change(text) for text, _ in rows], np.array([owner for _, owner in rows])
        labels = np.array([LABELS.index(held_out[owner].label) for owner in owners])
        found = probabilities(network, tokenizer, texts)
        guess, loss = found.argmax(1), -np.log(found[np.arange(len(labels)), labels]).mean()
        print(f"{len(texts)} {name}: {compared([guess, simple(texts)], labels, owners)}")
        most = np.bincount(labels).max() / len(labels)
        print(f"  accuracy {(guess == labels).mean():.4f} (always the commonest {most:.4f}), log loss {loss:.4f}")
        for one, label in enumerate(LABELS):
            print(f"  {label:10}", np.bincount(guess[labels == one], minlength=len(LABELS)))


def others(network: Network, tokenizer: Tokenizer, poetry: dict[str, list[str]]) -> None:
    """Print what the network says of sentences that belong to no label."""
    for name, texts in poetry.items():
        pieces = [piece for text in texts for piece in sentences(text)]
        answers = np.bincount(probabilities(network, tokenizer, pieces).argmax(1), minlength=len(LABELS))
        print(f"{len(pieces)} sentences of {len(texts)} {name}:", dict(zip(LABELS, answers.tolist(), strict=True)))


def export(network: Network) -> None:
    """Write model.onnx: softmax and weights inside, any rows, up to 128 tokens, nothing about this machine."""
    rows, tokens = torch.export.Dim("rows"), torch.export.Dim("tokens", max=LONGEST)
    program = torch.onnx.export(
        network,
        (torch.full((2, 9), MASK), torch.ones(2, 9, dtype=torch.long), torch.zeros(2, 9, dtype=torch.long)),
        input_names=["input_ids", "attention_mask", "token_type_ids"],
        output_names=["probabilities"],
        dynamic_shapes=({0: rows, 1: tokens},) * 3,
        opset_version=20,
        dynamo=True,
        verbose=False,
    )
    model = program.model_proto
    graph = model.graph
    graph.name = HERE.name
    for part in (model, graph, *graph.node, *graph.value_info, *graph.input, *graph.output, *graph.initializer):
        del part.metadata_props[:]  # stack traces, with the paths of this machine
        part.doc_string = ""
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, HERE / "model.onnx")


def golden(network: Network, tokenizer: Tokenizer, held_out: list[Passage]) -> dict[str, object]:
    """Held-out text as requests, with the answers of the torch network."""
    one = {label: next(p.text for p in held_out if p.label == label and len(p.text) < 60) for label in LABELS}
    longest = max((passage.text for passage in held_out), key=len)
    batches = {
        "a sentence": [sentences(one["Analects"])[0]],
        "a passage of each, of different lengths": [{"text": text} for text in one.values()],
        "no punctuation": [bare(one["Tang poem"])],
        "longer than 128 tokens, so cut at its end": [longest],
        "characters that the vocabulary lacks": [one["Song ci"][:6] + "龘靐BERT🙂" + one["Song ci"][6:]],
        "a long text beside a short one": [longest, {"text": one["Zengguang"]}],
    }
    cases = []
    for name, instances in batches.items():
        texts = [instance["text"] if isinstance(instance, dict) else instance for instance in instances]
        answers = [prediction(row) for row in probabilities(network, tokenizer, texts)]
        cases.append({"name": name, "request": {"instances": instances}, "response": {"predictions": answers}})
    return {"tolerance": TOLERANCE, "cases": cases}


def prediction(row: np.ndarray) -> dict[str, object]:
    """An answer in the user's terms."""
    table = {label: round(float(p), 7) for label, p in zip(LABELS, row, strict=True)}
    return {"label": max(table, key=table.__getitem__), "probabilities": table}


def main() -> None:
    """Train, measure, export."""
    torch.manual_seed(0)
    torch.set_num_threads(1)  # the same sums in the same order, so the same weights, on any number of cores
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else INSTALLED
    passages, older = classics(folder)
    kept, held_out = split(passages, seed=0)
    tokenizer = tokenizer_of(passage.text for passage in kept)
    network = trained(kept, tokenizer)
    print(f"weights: {sum(w.numel() for w in network.parameters())}, tokens: {tokenizer.get_vocab_size()}")
    print(f"passages: {len(kept)} to learn from, {len(held_out)} held out: {Counter(p.label for p in held_out)}")
    report(network, tokenizer, kept, held_out)
    others(network, tokenizer, {"lyrics older than the Song": older, "Song poems (shi)": poems(folder / "song100")})
    tokenizer.save(str(HERE / "tokenizer.json"))
    export(network)
    document = json.dumps(golden(network, tokenizer, held_out), ensure_ascii=False, indent=1)
    (HERE / "golden.json").write_text(document + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
