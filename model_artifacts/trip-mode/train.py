"""Train a small attention network to tell how somebody travelled; write model.onnx and golden.json.

Trips are ragged lists of steps, simulated by trips.py. Shorter ones are padded; that padding cannot change an answer
is a property of the network, and is checked here.
"""

import json
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import confusion_matrix
from torch import Tensor, nn
from torch.nn import functional
from trips import LONGEST, MODES, NAMES, SHORTEST, trips

HERE = Path(__file__).parent
TRIPS, HELD_OUT = 24_000, 8_000
WIDTH, HEADS, LAYERS = 48, 4, 2
EPOCHS, BATCH, PEAK_RATE = 9, 64, 3e-3
SPANS = ((5, 9), (10, 19), (20, 49), (50, 99), (100, 200))
TOLERANCE = 1e-4


class Layer(nn.Module):
    """Self-attention among the steps that are there, and two linear maps of each of them."""

    def __init__(self) -> None:
        super().__init__()
        self.before, self.between = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.project, self.merge = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
        self.each = nn.Sequential(nn.Linear(WIDTH, 2 * WIDTH), nn.GELU(), nn.Linear(2 * WIDTH, WIDTH))

    def forward(self, states: Tensor, hidden: Tensor) -> Tensor:
        """States [rows, steps, width]; `hidden` [rows, 1, 1, steps] is added to the scores, 0 where there is a step."""
        split = self.project(self.before(states)).unflatten(2, (3, HEADS, WIDTH // HEADS))
        queries, keys, values = split.permute(2, 0, 3, 1, 4)
        scores = queries @ keys.transpose(2, 3) / (WIDTH // HEADS) ** 0.5 + hidden
        seen = (scores.softmax(3) @ values).transpose(1, 2).flatten(2)
        states = states + self.merge(seen)
        return states + self.each(self.between(states))


class Network(nn.Module):
    """A convolution over five steps, two layers of attention, the mean over the steps; `forward` gives scores."""

    def __init__(self) -> None:
        super().__init__()
        self.enter = nn.Linear(len(NAMES) + 1, WIDTH)
        self.near = nn.Conv1d(WIDTH, WIDTH, 5, padding=2)
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))
        self.leave = nn.Sequential(nn.LayerNorm(2 * WIDTH), nn.Dropout(0.1), nn.Linear(2 * WIDTH, len(MODES)))

    def forward(self, steps: Tensor, mask: Tensor) -> Tensor:
        """Scores [rows, modes] of steps [rows, steps, features], whatever they hold where `mask` [rows, steps] is 0."""
        there = mask.unsqueeze(2)
        states = self.enter(scaled(steps * there)) * there
        # Zeros before the first step and after the last are what the convolution sees without padding, too.
        states = (states + functional.gelu(self.near(states.transpose(1, 2)).transpose(1, 2))) * there
        hidden = (mask - 1)[:, None, None, :] * 1e9
        for layer in self.layers:
            states = layer(states, hidden)
        mean = (states * there).sum(1) / there.sum(1).clamp(min=1)
        most = (states - (1 - there) * 1e9).amax(1).clamp(min=-1e3)
        return self.leave(torch.cat([mean, most], 1))


class Answer(nn.Module):
    """What is exported: probabilities instead of scores."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(self, steps: Tensor, mask: Tensor) -> Tensor:
        """Probabilities [rows, modes]."""
        return self.network(steps, mask).softmax(1)


def scaled(steps: Tensor) -> Tensor:
    """Features [..., 6] of about the same size, of those in the user's units; speed counts twice, also by ratio."""
    speed, acceleration, turned, stopped, interval = steps.unbind(2)
    columns = [torch.log1p(speed) - 1.5, speed / 15, acceleration * 3, turned / 45, stopped, torch.log1p(interval / 10)]
    return torch.stack(columns, 2)


def padded(rows: list[np.ndarray], extra: int = 0, fill: float = 0.0) -> tuple[Tensor, Tensor]:
    """Steps [rows, longest + extra, features] and their mask; `fill` is what stands where there is no step."""
    longest = max(len(row) for row in rows) + extra
    steps = torch.full((len(rows), longest, len(NAMES)), fill)
    mask = torch.zeros(len(rows), longest)
    for index, row in enumerate(rows):
        steps[index, : len(row)] = torch.from_numpy(row)
        mask[index, : len(row)] = 1
    return steps, mask


def cropped(generator: np.random.Generator, trip: np.ndarray) -> np.ndarray:
    """Half of the trips as they are; of the others a part, since a trip may begin and end anywhere."""
    if len(trip) <= SHORTEST or generator.random() < 0.5:
        return trip
    length = int(generator.integers(SHORTEST, len(trip) + 1))
    start = int(generator.integers(len(trip) - length + 1))
    return trip[start : start + length]


def batches(generator: np.random.Generator, rows: list[np.ndarray]) -> list[np.ndarray]:
    """Indices of trips of about the same length, so that little is padded; the batches are in random order."""
    lengths = np.array([len(row) for row in rows]) * generator.uniform(0.8, 1.25, len(rows))
    groups = np.array_split(lengths.argsort(), -(-len(rows) // BATCH))
    return [groups[index] for index in generator.permutation(len(groups))]


def trained(rows: list[np.ndarray], modes: np.ndarray) -> Network:
    """The network after training."""
    generator, answers = np.random.default_rng(0), torch.from_numpy(modes)
    network = Network().train()
    optimizer = torch.optim.AdamW(network.parameters(), weight_decay=1e-2)
    total = EPOCHS * -(-len(rows) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, PEAK_RATE, total_steps=total)
    for _ in range(EPOCHS):
        parts = [cropped(generator, row) for row in rows]
        for batch in batches(generator, parts):
            found = network(*padded([parts[index] for index in batch]))
            loss = functional.cross_entropy(found, answers[batch])
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            schedule.step()
    return network.eval()


@torch.no_grad()
def probabilities(network: Network, rows: list[np.ndarray], extra: int = 0, fill: float = 0.0) -> np.ndarray:
    """Probabilities [rows, modes] of trips in one padded batch."""
    return Answer(network)(*padded(rows, extra, fill)).numpy()


def asked(network: Network, rows: list[np.ndarray]) -> np.ndarray:
    """Probabilities [rows, modes] of any number of trips."""
    order = np.argsort([len(row) for row in rows])
    groups = np.array_split(order, -(-len(rows) // 256))
    found = np.concatenate([probabilities(network, [rows[index] for index in group]) for group in groups])
    return found[order.argsort()]


def check_padding(network: Network, rows: list[np.ndarray]) -> None:
    """Print, and refuse if it is more than 1e-5, how much padding changes an answer."""
    alone = np.concatenate([probabilities(network, [row]) for row in rows])
    together = probabilities(network, rows)
    worst = max(np.abs(alone - probabilities(network, rows, 50, fill)).max() for fill in (0.0, 3.0, 1e4))
    worst = max(worst, np.abs(alone - together).max())
    print(f"alone or in a padded batch, {len(rows)} trips: probabilities differ by at most {worst:.1e}")
    if worst >= 1e-5:
        raise ValueError("padding changes answers")


def summary(row: np.ndarray) -> list[float]:
    """A trip without its order, for the baselines: means, quantiles and extremes of its steps."""
    speed, change, turned, stopped, interval = row.T
    quantiles = [*np.quantile(speed, (0.1, 0.5, 0.9, 0.99)), np.quantile(turned, 0.8)]
    spreads = [speed.std(), np.abs(change).mean(), change.max(), change.min()]
    return [speed.mean(), len(row), *quantiles, *spreads, turned.mean(), stopped.mean(), interval.mean()]


def interval95(right: np.ndarray) -> str:
    """A share and the half width of its 95 % interval."""
    return f"{right.mean():.4f} +- {1.96 * (right.mean() * (1 - right.mean()) / len(right)) ** 0.5:.4f}"


def report(
    network: Network, rows: list[np.ndarray], modes: np.ndarray, seen: tuple[list[np.ndarray], np.ndarray]
) -> None:
    """Print the accuracy on held-out trips, by length and mode, beside that of baselines, and the calibration."""
    found = asked(network, rows)
    right, best = found.argmax(1) == modes, found.max(1)
    print(f"held out: {len(rows)} trips; accuracy {interval95(right)}, "
          f"log loss {-np.log(found[np.arange(len(modes)), modes]).mean():.4f}")  # fmt: skip
    tables = [np.array([summary(row) for row in part]) for part in (seen[0], rows)]
    for name, columns in {"the mean speed": 1, "all summaries": None}.items():
        trees = HistGradientBoostingClassifier(random_state=0).fit(tables[0][:, :columns], seen[1])
        print(f"boosted trees on {name}: accuracy {interval95(trees.predict(tables[1][:, :columns]) == modes)}")
    lengths = np.array([len(row) for row in rows])
    for low, high in SPANS:
        part = (lengths >= low) & (lengths <= high)
        print(f"| {low} to {high} steps | {part.sum()} | {interval95(right[part])} |")
    print("| travelled by | " + " | ".join(MODES) + " |")
    for mode, line in zip(MODES, confusion_matrix(modes, found.argmax(1), normalize="true"), strict=True):
        print(f"| {mode} | " + " | ".join(f"{share:.3f}" for share in line) + " |")
    for low, high in ((0, 0.5), (0.5, 0.7), (0.7, 0.9), (0.9, 0.99), (0.99, 1.01)):
        part = (best >= low) & (best < high)
        print(f"| probability of the label {low} to {min(high, 1)} | {part.sum()} "
              f"| {best[part].mean():.3f} | {right[part].mean():.3f} |")  # fmt: skip


def export(network: Network) -> None:
    """Write model.onnx: scaling and softmax inside, any number of rows and steps, nothing about this machine."""
    rows, steps = torch.export.Dim("rows"), torch.export.Dim("steps")
    program = torch.onnx.export(
        Answer(network).eval(),
        (torch.ones(2, 7, len(NAMES)), torch.ones(2, 7)),  # of one row, the number of rows would become a constant
        input_names=["steps", "mask"],
        output_names=["probabilities"],
        dynamic_shapes=({0: rows, 1: steps}, {0: rows, 1: steps}),
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


def check_export(network: Network, rows: list[np.ndarray]) -> None:
    """Print how far ONNX Runtime is from torch, for batches of several sizes, padded or not."""
    session, worst = onnxruntime.InferenceSession(HERE / "model.onnx"), 0.0
    sizes = [(count, extra) for count in (1, 2, 7, 200) for extra in (0, 1, 30)]
    for count, extra in sizes:
        steps, mask = padded(rows[:count], extra)
        found = session.run(None, {"steps": steps.numpy(), "mask": mask.numpy()})[0]
        worst = max(worst, np.abs(found - probabilities(network, rows[:count], extra)).max())
    print(f"ONNX Runtime and torch, {len(sizes)} batches: probabilities differ by at most {worst:.1e}")


def golden(network: Network, rows: list[np.ndarray], modes: np.ndarray) -> dict[str, object]:
    """Held-out trips as requests, with the answers of the torch network; not all of them are right."""

    def first(mode: str, low: int, high: int) -> np.ndarray:
        named = zip(rows, modes, strict=True)
        return next(row for row, index in named if MODES[index] == mode and low <= len(row) <= high)

    rides = sorted((row for row, index in zip(rows, modes, strict=True) if MODES[index] == "bicycle"), key=len)
    joined = np.concatenate(rides[-2:])
    cases = {
        "a bicycle": [first("bicycle", 15, 20)],
        "the shortest simulated": [next(row for row in rows if len(row) == SHORTEST)],
        "a single step": [first("walk", 5, 9)[:1]],
        "with a gap": [next(row for row in rows if len(row) < 20 and row[:, 4].max() > 30)],
        "a ragged batch, by name": [first(mode, 5 + 6 * index, 10 + 6 * index) for index, mode in enumerate(MODES)],
        "the longest": [joined[:LONGEST]],
        "longer than the longest: the end is cut off": [joined[: LONGEST + 20]],
    }
    return {"tolerance": TOLERANCE, "cases": [case(network, name, trips) for name, trips in cases.items()]}


def case(network: Network, name: str, rows: list[np.ndarray]) -> dict[str, object]:
    """One golden request; steps are objects in batches and lists otherwise, as both are accepted."""
    values = [[[round(float(x), 3) for x in step] for step in row] for row in rows]
    named = [{"steps": [dict(zip(NAMES, step, strict=True)) for step in row]} for row in values]
    found = probabilities(network, [row[:LONGEST] for row in rows])
    tables = [{mode: round(float(p), 7) for mode, p in zip(MODES, row, strict=True)} for row in found]
    predictions = [{"label": max(table, key=table.__getitem__), "probabilities": table} for table in tables]
    request = {"instances": named if len(rows) > 1 else values}
    return {"name": name, "request": request, "response": {"predictions": predictions}}


def main() -> None:
    """Simulate, train, measure, export."""
    torch.manual_seed(0)
    torch.set_num_threads(1)  # the same sums in the same order, so the same weights, on any number of cores
    seen = trips(np.random.default_rng(0), TRIPS)
    rows, modes = trips(np.random.default_rng(1), HELD_OUT)
    network = trained(*seen)
    check_padding(network, rows[:200])
    report(network, rows, modes, seen)
    export(network)
    check_export(network, rows[:200])
    document = json.dumps(golden(network, rows, modes))
    (HERE / "golden.json").write_text(document + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
