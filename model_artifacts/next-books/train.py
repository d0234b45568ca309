"""Train a small self-attention recommender on simulated readers; write model.onnx, items.txt and golden.json."""

import json
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from network import STEPS, Answer, Network
from readers import Catalogue, catalogue, histories
from torch import Tensor, nn

HERE = Path(__file__).parent
READERS, HELD_OUT = 40_000, 8_000
EPOCHS, BATCH, PEAK_RATE = 8, 64, 3e-3
TOP = 10
SPANS = ((1, 4), (5, 14), (15, 29), (30, 59))
TOLERANCE = 1e-4


def padded(rows: list[np.ndarray], extra: int = 0, left: bool = False) -> Tensor:
    """Book numbers [rows, longest + extra] of histories of indices, padded with 0 at the right or left."""
    longest = max(len(row) for row in rows) + extra
    history = torch.zeros(len(rows), longest, dtype=torch.int64)
    for index, row in enumerate(rows):
        start = longest - len(row) if left else 0
        history[index, start : start + len(row)] = torch.from_numpy(row + 1)
    return history


def windows(generator: np.random.Generator, rows: list[np.ndarray]) -> list[np.ndarray]:
    """Each reader's books, or a run of 51 of them: 50 to look back at, and one to tell."""
    starts = [int(generator.integers(max(0, len(row) - STEPS - 1) + 1)) for row in rows]
    return [row[start : start + STEPS + 1] for row, start in zip(rows, starts, strict=True)]


def loss_of(network: Network, batch: list[np.ndarray]) -> Tensor:
    """Mean negative log-probability of every book but the first, each given those before it."""
    history = padded(batch)
    given, wanted = history[:, :-1], history[:, 1:]
    read = nn.functional.one_hot(given, network.books.num_embeddings)[:, :, 1:].cumsum(1) > 0
    there = wanted > 0
    scores = network.scores(network(given)[there], read[there])
    return nn.functional.nll_loss(scores, wanted[there] - 1)


def trained(rows: list[np.ndarray], books: int) -> Network:
    """The network after training."""
    generator = np.random.default_rng(0)
    network = Network(books).train()
    optimizer = torch.optim.AdamW(network.parameters(), weight_decay=1e-2)
    groups = -(-len(rows) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, PEAK_RATE, total_steps=EPOCHS * groups)
    for _ in range(EPOCHS):
        parts = windows(generator, rows)
        order = (np.array([len(part) for part in parts]) * generator.uniform(0.8, 1.25, len(parts))).argsort()
        split = np.array_split(order, groups)  # of about the same length, so that little is padded
        for group in generator.permutation(groups):
            loss = loss_of(network, [parts[index] for index in split[group]])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    return network.eval()


@torch.no_grad()
def asked(network: Network, rows: list[np.ndarray]) -> np.ndarray:
    """Scores [rows, books] after histories of indices, of which the last 50 count."""
    answer = Answer(network).eval()
    groups = [rows[start : start + 250] for start in range(0, len(rows), 250)]
    return np.concatenate([answer(padded([row[-STEPS:] for row in group])).numpy() for group in groups])


@torch.no_grad()
def check_padding(network: Network, rows: list[np.ndarray]) -> None:
    """Print, and refuse if it is more than 1e-5, how much padding changes a probability."""
    answer = Answer(network).eval()
    alone = np.concatenate([answer(padded([row])).exp().numpy() for row in rows])
    ways = [padded(rows), padded(rows, 20), padded(rows, left=True), padded(rows, 20, left=True)]
    worst = max(np.abs(answer(way).exp().numpy() - alone).max() for way in ways)
    print(f"alone or in a padded batch, {len(rows)} readers: probabilities differ by at most {worst:.1e}")
    if worst >= 1e-5:
        raise ValueError("padding changes answers")


def baselines(seen: list[np.ndarray], rows: list[np.ndarray], books: int) -> dict[str, np.ndarray]:
    """Scores [rows, books] of what needs no training but counting."""
    read, follows = np.zeros((len(seen), books), np.float32), np.zeros((books, books))
    for index, row in enumerate(seen):
        read[index, row] = 1
        np.add.at(follows, (row[:-1], row[1:]), 1)
    counts = read.sum(0)
    together = read.T @ read / np.sqrt(np.outer(counts, counts))  # cosines of the columns
    np.fill_diagonal(together, 0)
    followed = (follows + 10 * counts / counts.sum()) / (follows.sum(1, keepdims=True) + 10)
    return {
        "popularity": np.tile(counts, (len(rows), 1)),
        "co-occurrence, all books read": np.stack([together[row].sum(0) for row in rows]),
        "co-occurrence, the last three": np.stack([together[row[-3:]].sum(0) for row in rows]),
        "what followed the last book": np.stack([followed[row[-1]] for row in rows]),
    }


def ranks(scores: np.ndarray, rows: list[np.ndarray], wanted: np.ndarray) -> np.ndarray:
    """How many books are scored above the wanted one; what was read is never offered."""
    scores = scores.astype(float)
    for index, row in enumerate(rows):
        scores[index, row] = -np.inf
    return (scores > scores[np.arange(len(rows)), wanted][:, None]).sum(1)


def line(name: str, ranked: np.ndarray) -> str:
    """A row of a table: hit rate and NDCG among ten, with the half widths of their 95 % intervals."""
    hits = ranked < TOP
    return f"| {name} | {len(ranked)} | {interval95(hits)} | {interval95(hits / np.log2(ranked + 2))} |"


def interval95(values: np.ndarray) -> str:
    """A mean and the half width of its 95 % interval."""
    return f"{values.mean():.4f} +- {1.96 * values.std() / len(values) ** 0.5:.4f}"


def report(
    network: Network, books: Catalogue, seen: list[np.ndarray], held_out: tuple[list[np.ndarray], np.ndarray]
) -> None:
    """Print how often the last book of held-out readers is among ten, beside baselines and the simulation itself."""
    rows, wanted = [row[:-1] for row in held_out[0]], np.array([row[-1] for row in held_out[0]])
    scores = asked(network, rows)
    found = {"network": scores} | baselines(seen, rows, len(books.names)) | {"the simulation itself": held_out[1]}
    print("| ranked by | readers | hit rate at 10 | NDCG at 10 |")
    ranked = {name: ranks(values, rows, wanted) for name, values in found.items()}
    for name, values in ranked.items():
        print(line(name, values))
    for name in ("co-occurrence, the last three", "the simulation itself"):
        gain = (ranked["network"] < TOP).astype(float) - (ranked[name] < TOP)
        print(f"hit rate of the network less that of {name}: {interval95(gain)}")
    lengths = np.array([len(row) for row in rows])
    for low, high in SPANS:
        part = np.flatnonzero((lengths >= low) & (lengths <= high))
        some = [rows[index] for index in part]
        print(line(f"network, {low} to {high} books read", ranks(scores[part], some, wanted[part])))
        print(line("the simulation itself", ranks(held_out[1][part], some, wanted[part])))
    offered = np.bincount(np.argsort(-scores, 1)[:, :TOP].ravel(), minlength=len(books.names))
    tenth = np.sort(offered)[::-1][: len(books.names) // 10].sum() / offered.sum()
    print(f"offered to anyone: {(offered > 0).sum()} of {len(books.names)} books; "
          f"a tenth of the books is {tenth:.3f} of what is offered")  # fmt: skip
    print(f"mean log-probability of the next book: {scores[np.arange(len(rows)), wanted].clip(-50).mean():.4f}, "
          f"of the simulation {np.log(held_out[1][np.arange(len(rows)), wanted].clip(1e-9)).mean():.4f}")  # fmt: skip


def export(network: Network) -> None:
    """Write model.onnx: any number of rows and steps, nothing about the machine that made it."""
    program = torch.onnx.export(
        Answer(network).eval(),
        (torch.tensor([[1, 2, 3, 0, 0], [4, 5, 6, 7, 8]]),),  # of one row, the number of rows would become a constant
        input_names=["history"],
        output_names=["scores"],
        dynamic_shapes=({0: torch.export.Dim("rows"), 1: torch.export.Dim("steps")},),
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


@torch.no_grad()
def check_export(network: Network, rows: list[np.ndarray]) -> None:
    """Print how far ONNX Runtime is from torch, for batches of several sizes, padded or not."""
    session, answer = onnxruntime.InferenceSession(HERE / "model.onnx"), Answer(network).eval()
    batches = [padded(rows[:count], extra) for count in (1, 2, 7, 200) for extra in (0, 1, 30)]
    worst = 0.0
    for history in [*batches, torch.zeros(1, 3, dtype=torch.int64)]:
        found, wanted = session.run(None, {"history": history.numpy()})[0], answer(history).numpy()
        offered = np.isfinite(wanted)
        if not np.array_equal(np.isfinite(found), offered):
            raise ValueError("other books are excluded")
        worst = max(worst, np.abs(found[offered] - wanted[offered]).max())
    print(f"ONNX Runtime and torch, {len(batches)} batches: log-probabilities differ by at most {worst:.1e}")


def golden(network: Network, books: Catalogue, rows: list[np.ndarray]) -> dict[str, object]:
    """Histories of held-out readers as requests, with the answers of the torch network."""
    scores = np.sort(asked(network, rows), 1)[:, ::-1]
    apart = (scores[:, :TOP] - scores[:, 1 : TOP + 1]).min(1) > 20 * TOLERANCE  # the order does not hang on a rounding
    clear = [row for row, wide in zip(rows, apart, strict=True) if wide]

    def of(low: int, high: int, count: int = 1) -> list[np.ndarray]:
        return [row for row in clear if low <= len(row) <= high][:count]

    cases = {
        "one book": of(1, 1),
        "a dozen books": of(12, 12),
        "a ragged batch, by name": of(2, 2) + of(5, 5) + of(20, 20),
        "the longest": of(50, 50),
        "longer than the longest: the oldest are cut off": of(59, 59),
    }
    return {"tolerance": TOLERANCE, "cases": [case(network, books, name, some) for name, some in cases.items()]}


def case(network: Network, books: Catalogue, name: str, rows: list[np.ndarray]) -> dict[str, object]:
    """One golden request; histories are named in batches and bare otherwise, as both are accepted."""
    titles = [[books.names[index] for index in row] for row in rows]
    request = {"instances": [{"history": row} for row in titles] if len(rows) > 1 else titles}
    predictions = [{"items": top(books, row)} for row in asked(network, rows)]
    return {"name": name, "request": request, "response": {"predictions": predictions}}


def top(books: Catalogue, scores: np.ndarray) -> list[dict[str, object]]:
    """The ten best of scores [books]."""
    best = np.argsort(-scores)[:TOP]
    return [{"item": books.names[index], "score": round(float(scores[index]), 6)} for index in best]


def main() -> None:
    """Simulate, train, measure, export."""
    torch.manual_seed(0)
    torch.set_num_threads(1)  # the same sums in the same order, so the same weights, on any number of cores
    books = catalogue()
    (HERE / "items.txt").write_text("\n".join(books.names) + "\n", encoding="utf-8")
    seen, _ = histories(np.random.default_rng(0), books, READERS)
    held_out = histories(np.random.default_rng(1), books, HELD_OUT)
    network = trained(seen, len(books.names))
    rows = [row[:-1] for row in held_out[0]]
    check_padding(network, [row[-STEPS:] for row in rows[:200]])
    report(network, books, seen, held_out)
    export(network)
    check_export(network, [row[-STEPS:] for row in rows[:200]])
    document = json.dumps(golden(network, books, rows), ensure_ascii=False, indent=1)
    (HERE / "golden.json").write_text(document + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
