"""Train a small encoder of questions in English and Chinese; write what a desk answers from, and golden.json."""

import json
import random
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import onnx
import torch
from questions import (
    DATA,
    LANGUAGES,
    OTHER,
    Phrases,
    Question,
    Split,
    bare,
    composed,
    mistyped,
    phrasebook,
    plain,
    seeded,
    splits,
    texts_of,
    varied,
)
from sklearn.feature_extraction.text import TfidfVectorizer
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers
from torch import Tensor, nn
from torch.nn import functional

HERE = Path(__file__).parent
VOCABULARY, LENGTH, WIDTH = 2000, 64, 128
SPECIAL = _, UNKNOWN, FIRST, LAST = ("[PAD]", "[UNK]", "[CLS]", "[SEP]")
STEPS, PEAK_RATE, TEMPERATURE = 1200, 5e-3, 0.1
COMPOSED, STRANGERS = 2, 32  # of a batch: composed questions per intent and language; twice, about other things
FALSE_ANSWERS = 0.1  # share of the validation questions about other things that the threshold may let through
TOP = 3
TOLERANCE = 1e-4

Encode = Callable[[Sequence[str]], np.ndarray]
"""Vectors of length 1, [texts, width]."""


class Desk(NamedTuple):
    """What answers: an encoder, the vectors and intents of the known questions, and the least score of an answer."""

    encode: Encode
    vectors: np.ndarray
    intents: np.ndarray
    threshold: float

    def scores(self, texts: Sequence[str]) -> np.ndarray:
        """The score of each intent, that of the best of its questions; [texts, intents]."""
        near = self.encode(texts) @ self.vectors.T
        return np.stack([near[:, self.intents == intent].max(1) for intent in range(len(DATA["intents"]))], 1)


def tokenizer_of(texts: Sequence[str]) -> Tokenizer:
    """A byte-pair tokenizer of its own: lower case, no accents, each Chinese character by itself.

    WordPiece's trainer breaks ties at random, so its vocabulary would be another each time.
    """
    tokenizer = Tokenizer(models.BPE(unk_token=UNKNOWN))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.BertNormalizer()])
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer = trainers.BpeTrainer(vocab_size=VOCABULARY, special_tokens=[*SPECIAL], show_progress=False)
    tokenizer.train_from_iterator(texts, trainer)
    ends = [(name, tokenizer.token_to_id(name)) for name in (FIRST, LAST)]
    tokenizer.post_processor = processors.TemplateProcessing(
        f"{FIRST} $A {LAST}", f"{FIRST} $A {LAST} $B:1 {LAST}:1", ends
    )
    return tokenizer


def tensors(tokenizer: Tokenizer, texts: Sequence[str]) -> tuple[Tensor, Tensor]:
    """`input_ids` and `attention_mask`, INT64 [rows, tokens], padded to the longest text."""
    rows = tokenizer.encode_batch(list(texts))
    return torch.tensor([row.ids for row in rows]), torch.tensor([row.attention_mask for row in rows])


class Encoder(nn.Module):
    """Tokens to a vector of length 1: embeddings, a convolution over three neighbours, the mean of what is there."""

    def __init__(self, vocabulary: int) -> None:
        super().__init__()
        self.tokens, self.neighbours = nn.Embedding(vocabulary, WIDTH), nn.Conv1d(WIDTH, WIDTH, 3, padding=1)
        self.dropout, self.norm, self.last = nn.Dropout(0.2), nn.LayerNorm(WIDTH), nn.Linear(WIDTH, WIDTH)

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """Sentence vectors [rows, width] of ids and mask [rows, tokens]."""
        present = attention_mask.to(torch.float32)[:, :, None]
        values = self.dropout(self.tokens(input_ids)) * present
        values = values + functional.gelu(self.neighbours(values.transpose(1, 2)).transpose(1, 2))
        mean = (self.norm(values) * present).sum(1) / present.sum(1)
        return functional.normalize(self.last(mean), dim=1)


def batch(split: Split, phrases: list[Phrases], hidden: set[str], chance: random.Random) -> list[Question]:
    """Questions of every intent in both languages, then others, which go with nothing; none that is held out."""
    groups: dict[tuple[int, str], list[Question]] = {}
    for question in split.known:
        groups.setdefault((question.intent, question.language), []).append(question)
    chosen = [chance.choice(group) for group in groups.values()]
    chosen += [composed(phrases, *group, chance) for group in groups for _ in range(COMPOSED)]
    chosen += chance.sample(split.other, STRANGERS)
    chosen += [composed(phrases, OTHER, chance.choice(LANGUAGES), chance) for _ in range(STRANGERS)]
    typed = [varied(question, chance) for question in chosen]
    return [question for question in typed if plain(question.text) not in hidden]


def loss_of(vectors: Tensor, intents: Tensor) -> Tensor:
    """Supervised contrastive loss (Khosla et al., 2020): near to all of the same intent, far from everything else."""
    itself = torch.eye(len(vectors), dtype=torch.bool)
    scores = (vectors @ vectors.T / TEMPERATURE).masked_fill(itself, -1e9)
    known = intents != OTHER
    same = (intents[:, None] == intents) & ~itself & known
    logs = scores - scores.logsumexp(1, keepdim=True)
    return -((logs * same).sum(1)[known] / same.sum(1)[known]).mean()


def trained(tokenizer: Tokenizer, split: Split, phrases: list[Phrases], hidden: set[str]) -> Encoder:
    """The encoder after training."""
    chance = seeded(0)
    encoder = Encoder(tokenizer.get_vocab_size()).train()
    optimizer = torch.optim.AdamW(encoder.parameters(), weight_decay=2e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, PEAK_RATE, total_steps=STEPS)
    for _ in range(STEPS):
        questions = batch(split, phrases, hidden, chance)
        vectors = encoder(*tensors(tokenizer, [question.text for question in questions]))
        loss = loss_of(vectors, torch.tensor([question.intent for question in questions]))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    return encoder.eval()


def desk_of(encode: Encode, known: Sequence[Question], found: dict[str, Split]) -> Desk:
    """A desk that knows these questions; the validation questions set its threshold."""
    desk = Desk(encode, encode(texts_of(known)), np.array([question.intent for question in known]), 0.0)
    return desk._replace(threshold=threshold_of(desk, found["validation"], FALSE_ANSWERS))


def threshold_of(desk: Desk, split: Split, false_answers: float) -> float:
    """The least threshold, in thousandths, at which this share of the questions about other things is answered."""
    best = np.sort(desk.scores(texts_of(split.other)).max(1))[::-1]
    return float(np.floor(best[int(false_answers * len(best))] * 1000 + 1) / 1000)


def baseline(known: Sequence[Question], found: dict[str, Split]) -> Desk:
    """A desk without a network: TF-IDF of runs of one to three characters."""
    words = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True).fit(texts_of(known))
    return desk_of(lambda texts: words.transform(texts).toarray(), known, found)


def share(hits: np.ndarray) -> str:
    """A share with its 95 % interval (Wilson, 1927)."""
    count, mean, z = len(hits), float(hits.mean()), 1.96
    middle = (mean + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count) * (mean * (1 - mean) / count + z * z / (4 * count * count)) ** 0.5
    return f"{mean:.3f} ({middle - half:.3f} to {middle + half:.3f})"


def report(name: str, desk: Desk, found: dict[str, Split]) -> None:
    """Print figures on what was held out."""
    print(f"{name}: threshold {desk.threshold:.3f}")
    chance = seeded(1)
    slips = [question._replace(text=mistyped(question.text, chance)) for question in found["test"].known]
    sets = {f"test, {code}": [row for row in found["test"].known if row.language == code] for code in LANGUAGES}
    sets |= {"test": found["test"].known, "test, with a slip": slips, "told": found["told"].known}
    for title, questions in sets.items():
        scores = desk.scores(texts_of(questions))
        intents = np.array([question.intent for question in questions])
        right, answered = scores.argmax(1) == intents, scores.max(1) >= desk.threshold
        three = (np.argsort(-scores, 1)[:, :TOP] == intents[:, None]).any(1)
        print(f"  {title}, {len(questions)}: top 1 {share(right)}, top {TOP} {share(three)};")
        print(f"    right {share(right & answered)}, wrong {share(~right & answered)}, none {share(~answered)}")
    for split in ("validation", "test"):
        let = desk.scores(texts_of(found[split].other)).max(1) >= desk.threshold
        print(f"  other things, {split}, {len(let)}: answered {share(let)}")


def report_choice(desk: Desk, found: dict[str, Split]) -> None:
    """Print what other thresholds would do, each chosen on the validation questions."""
    intents = np.array([question.intent for question in found["test"].known])
    scores, others = (desk.scores(texts_of(part)) for part in found["test"])
    right, best = scores.argmax(1) == intents, scores.max(1)
    for let in (0.02, 0.05, 0.1, 0.2):
        least = threshold_of(desk, found["validation"], let)
        shares = (right & (best >= least), ~right & (best >= least), best < least, others.max(1) >= least)
        print(f"  {let} let through: {least:.3f}: {', '.join(f'{hits.mean():.3f}' for hits in shares)}")


def export(encoder: Encoder) -> None:
    """Write model.onnx: any number of rows and tokens, nothing about the machine that made it."""
    rows, tokens = torch.export.Dim("rows"), torch.export.Dim("tokens")
    program = torch.onnx.export(
        encoder,
        (torch.ones(2, 7, dtype=torch.int64), torch.ones(2, 7, dtype=torch.int64)),
        input_names=["input_ids", "attention_mask"],
        output_names=["sentence_vector"],
        dynamic_shapes=({0: rows, 1: tokens}, {0: rows, 1: tokens}),
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


def publish(desk: Desk, questions: Sequence[Question]) -> None:
    """Write answers.json and answers.npy, and the threshold into model.toml."""
    texts: list[list[str]] = [[] for _ in DATA["intents"]]
    for question in questions:
        texts[question.intent].append(question.text)
    fields = ("intent", "answer", "answer_zh")
    entries = [
        {field: entry[field] for field in fields} | {"questions": known}
        for entry, known in zip(DATA["intents"], texts, strict=True)
    ]
    document = json.dumps(entries, ensure_ascii=False, indent=1)
    (HERE / "answers.json").write_text(document + "\n", encoding="utf-8")
    np.save(HERE / "answers.npy", desk.vectors)
    declared = (HERE / "model.toml").read_text(encoding="utf-8")
    declared = re.sub(r"(?m)^threshold = .*$", f"threshold = {desk.threshold:.3f}", declared)
    (HERE / "model.toml").write_text(declared, encoding="utf-8")


def golden(desk: Desk) -> dict[str, object]:
    """Requests with the answers of the torch encoder."""
    cases = []
    for name, instances in DATA["golden"].items():
        rows = desk.scores([row["text"] if isinstance(row, dict) else str(row) for row in instances])
        answers = [prediction(row, desk.threshold) for row in rows]
        cases.append({"name": name, "request": {"instances": instances}, "response": {"predictions": answers}})
    return {"tolerance": TOLERANCE, "cases": cases}


def prediction(row: np.ndarray, threshold: float) -> dict[str, object]:
    """An answer in the user's terms, from the scores of the intents."""
    best = [(DATA["intents"][intent], round(min(float(row[intent]), 1.0), 7)) for intent in np.argsort(-row)[:TOP]]
    fields = ("answer", "answer_zh", "intent")
    candidates = [{field: entry[field] for field in fields} | {"score": score} for entry, score in best]
    entry, score = best[0]
    return {"answer": entry["answer"] if score >= threshold else None, "score": score, "candidates": candidates}


def main() -> None:
    """Train, measure, export."""
    torch.manual_seed(0)
    torch.set_num_threads(1)  # the same sums in the same order, so the same weights, on any number of cores
    found = splits()
    hidden = {plain(row.text) for name in ("validation", "test", "told") for part in found[name] for row in part}
    phrases = phrasebook(hidden)
    known = found["training"].known
    tokenizer = tokenizer_of(texts_of([*known, *found["training"].other, *bare(phrases, others=True)]))
    tokenizer.save(str(HERE / "tokenizer.json"))
    tokenizer.enable_truncation(LENGTH)  # from here on: model.toml declares both
    tokenizer.enable_padding()
    encoder = trained(tokenizer, found["training"], phrases, hidden)
    print(f"weights: {sum(weights.numel() for weights in encoder.parameters())}, known questions: {len(known)}")

    @torch.no_grad()
    def encode(texts: Sequence[str]) -> np.ndarray:
        return encoder(*tensors(tokenizer, texts)).numpy()

    desk = desk_of(encode, known, found)
    report("encoder", desk, found)
    report_choice(desk, found)
    report("TF-IDF", baseline(known, found), found)
    report("TF-IDF with the phrases", baseline([*known, *bare(phrases)], found), found)
    export(encoder)
    publish(desk, known)
    (HERE / "golden.json").write_text(json.dumps(golden(desk), ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
