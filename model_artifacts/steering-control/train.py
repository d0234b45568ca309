"""Train a small network to steer from simulated drives; write model.onnx and golden.json.

A car of two wheels (the kinematic bicycle model) follows winding lanes, steered by a formula that knows its exact
place: `taught`. The network learns that from those drives, and is tried on held-out ones with sensors that err.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import onnx
import torch
from torch import Tensor, nn
from torch.nn import functional

HERE = Path(__file__).parent
NAMES = ("lateral_offset", "heading_error", "curvature", "speed")
WHEELBASE, LARGEST_ANGLE, LARGEST_ACCELERATION = 2.7, 30.0, 4.0  # m, degrees, m/s2 to the side
TYPICAL = (0.5, 4.0, 8.0, 15.0)  # of the features, in their own units
NOISE = (0.03, 0.3, 0.5, 0.1)  # standard deviations of the sensors' errors
STEP, SECONDS = 0.05, 40
DRIVES, HELD_OUT = 400, 100
EPOCHS, BATCH, PEAK_RATE = 30, 512, 8e-3
CASES = {
    "straight on": [0.0, 0.0, 0.0, 20.0],
    "half a metre to the left of the centre": [0.5, 0.0, 0.0, 15.0],
    "pointing to the right": [0.0, -5.0, 0.0, 10.0],
    "a bend to the left": [0.0, 0.0, 20.0, 8.0],
    "far off, slow: the largest angle": [-3.0, -40.0, 50.0, 3.0],
    "far off, fast: bounded by the speed": [-3.0, -20.0, 2.0, 35.0],
    "standing still": [0.2, 1.0, 0.0, 0.0],
}
TOLERANCE = 1e-3


class Drives(NamedTuple):
    """Of many drives at once, each array [drives] or [drives, steps]."""

    speed: np.ndarray
    curvature: np.ndarray
    offset: np.ndarray
    heading: np.ndarray


class Network(nn.Module):
    """Two hidden layers of 32; the angle can reach neither 30 degrees nor one that is too wide for the speed."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(4, 32), nn.Tanh(), nn.Linear(32, 32), nn.Tanh(), nn.Linear(32, 1))
        self.register_buffer("typical", torch.tensor(TYPICAL))

    def forward(self, features: Tensor) -> Tensor:
        """Steering angles in degrees [rows, 1], positive to the left, of features [rows, 4]."""
        speed = features[:, 3:].clamp(min=1.0)
        widest = torch.atan(WHEELBASE * LARGEST_ACCELERATION / (speed * speed)) * (180 / np.pi)
        return widest.clamp(max=LARGEST_ANGLE) * torch.tanh(self.layers(features / self.typical))


def widest_angle(speed: np.ndarray) -> np.ndarray:
    """The angle, in degrees, at which the car would be pushed aside by 4 m/s2, or 30 if that is less."""
    return np.degrees(np.arctan(WHEELBASE * LARGEST_ACCELERATION / np.maximum(speed, 1.0) ** 2)).clip(max=LARGEST_ANGLE)


def taught(offset: np.ndarray, heading: np.ndarray, curvature: np.ndarray, speed: np.ndarray) -> np.ndarray:
    """The formula to learn, in degrees: the bend's own angle, and a damped spring back to the centre of the lane."""
    quick, damping, faster = 0.9, 1.0, np.maximum(speed, 2.0)
    back = (quick / faster) ** 2 * offset + 2 * damping * quick / faster * np.radians(heading)
    angle = np.degrees(np.arctan(WHEELBASE * (curvature / 1000 - back)))
    return angle.clip(-widest_angle(speed), widest_angle(speed))


def steered(features: np.ndarray) -> np.ndarray:
    """What the formula gives for features [rows, 4]."""
    return taught(*features.T)


def roads(generator: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Speeds in m/s of drives, and for each the curvature in 1/km ahead at every step: bends that the speed allows."""
    steps = int(SECONDS / STEP)
    speed = 0.5 + 37.5 * generator.random(count) ** 1.3
    change = generator.uniform(0.3, 1.0, (count, 1)) * STEP
    bend = np.zeros((count, steps))
    wanted = np.zeros(count)
    for step in range(1, steps):
        turns = generator.random(count) < STEP / 4  # a new bend, or a straight, every four seconds or so
        wanted = np.where(turns, generator.uniform(-1, 1, count) * (generator.random(count) < 0.7), wanted)
        bend[:, step] = bend[:, step - 1] + change[:, 0] * (wanted - bend[:, step - 1])
    return speed, bend * np.minimum(60.0, 1000 * 2.5 / speed**2)[:, None]


def driven(
    steer: Callable[[np.ndarray], np.ndarray] | None,
    generator: np.random.Generator,
    count: int,
    kicks: float,
    noise: float,
) -> tuple[Drives, np.ndarray]:
    """Drive: what was true at each step, and what the sensors reported, [drives, steps, features].

    Args:
        steer: angles in degrees from reported features [drives, features]; None for the formula, which sees the truth.
        generator: chance.
        count: how many drives.
        kicks: how many times a minute something pushes the car aside and turns it.
        noise: of the sensors, 1 for `NOISE`.
    """
    speed, curvature = roads(generator, count)
    offset, heading = generator.normal(0, 0.4, count), generator.normal(0, 2, count)
    path, reported = [], []
    for step in range(curvature.shape[1]):
        kicked = generator.random(count) < kicks * STEP / 60
        offset = (offset + kicked * generator.normal(0, 1.0, count)).clip(-5, 5)
        heading = (heading + kicked * generator.normal(0, 6.0, count) / np.sqrt(1 + speed / 10)).clip(-60, 60)
        truth = np.stack([offset, heading, curvature[:, step], speed], axis=1)
        seen = truth + noise * generator.normal(0, NOISE, truth.shape)
        path.append((offset, heading))
        reported.append(seen)
        angle = steered(truth) if steer is None else steer(seen)
        bend = curvature[:, step] / 1000
        offset = offset + STEP * speed * np.sin(np.radians(heading))
        along = speed * np.cos(np.radians(heading)) / (1 - bend * offset).clip(0.3)
        heading = heading + STEP * np.degrees(speed * np.tan(np.radians(angle)) / WHEELBASE - bend * along)
    offsets, headings = (np.stack(values, axis=1) for values in zip(*path, strict=True))
    return Drives(speed, curvature, offsets, headings), np.stack(reported, axis=1)


def examples(generator: np.random.Generator, count: int, noise: float) -> tuple[np.ndarray, np.ndarray]:
    """Reported features [rows, 4] of drives with many pushes, and the formula's angles for what was true [rows]."""
    drives, reported = driven(None, generator, count, kicks=30, noise=noise)
    steps = reported.shape[1]
    true = np.stack([drives.offset, drives.heading, drives.curvature, np.repeat(drives.speed[:, None], steps, 1)], 2)
    return reported.reshape(-1, 4).astype(np.float32), steered(true.reshape(-1, 4)).astype(np.float32)


def trained(features: np.ndarray, angles: np.ndarray) -> Network:
    """The network after training; an error counts relative to the widest angle that the speed allows."""
    inputs, answers = torch.from_numpy(features), torch.from_numpy(angles)[:, None]
    weights = 1 / torch.from_numpy(widest_angle(features[:, 3:]))
    network = Network()
    optimizer = torch.optim.Adam(network.parameters())
    steps = EPOCHS * -(-len(inputs) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, PEAK_RATE, total_steps=steps)
    for _ in range(EPOCHS):
        for batch in torch.randperm(len(inputs)).split(BATCH):
            found, scale = network(inputs[batch]), weights[batch]
            loss = functional.smooth_l1_loss(found * scale, answers[batch] * scale, beta=0.01)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    return network.eval()


@torch.no_grad()
def answered(network: Network, features: np.ndarray) -> np.ndarray:
    """Angles of the network for features [rows, 4]."""
    return network(torch.from_numpy(np.float32(features)))[:, 0].numpy()


def report(network: Network) -> None:
    """Print errors on held-out drives, and how far from the centre the network's own drives go."""
    for sensors, noise in {"exact": 0, "erring": 1}.items():
        features, angles = examples(np.random.default_rng(1), HELD_OUT, noise)
        error, formula = np.abs(answered(network, features) - angles), np.abs(steered(features) - angles)
        print(f"held out: {HELD_OUT} drives, {len(angles)} steps, angles of {np.abs(angles).mean():.2f} on average, "
              f"{sensors} sensors: mean error {error.mean():.3f} degrees, 99 % within {np.quantile(error, 0.99):.3f}; "
              f"the formula {formula.mean():.3f} and {np.quantile(formula, 0.99):.3f}")  # fmt: skip
    ends = np.random.default_rng(2).uniform([-5, -60, -100, 0], [5, 60, 100, 40], (200_000, 4))
    print(f"widest angle anywhere in the declared ranges: {np.abs(answered(network, ends)).max():.3f} degrees")
    print("| own drives | offset, root mean square | 99 % within | largest | over 1.5 m |")
    for kicks in (0, 6):
        for name, steer in {"network": lambda seen: answered(network, seen), "formula": steered}.items():
            offset = np.abs(driven(steer, np.random.default_rng(3), HELD_OUT, kicks, noise=1)[0].offset[:, 100:])
            print(f"| {name}, {kicks} pushes a minute | {np.sqrt((offset**2).mean()):.3f} m "
                  f"| {np.quantile(offset, 0.99):.3f} m | {offset.max():.2f} m "
                  f"| {(offset > 1.5).mean():.4f} of the time |")  # fmt: skip


def export(network: Network) -> None:
    """Write model.onnx: scaling and bounds inside, any number of rows, nothing about the machine that made it."""
    program = torch.onnx.export(
        network,
        (torch.zeros(2, len(NAMES)),),  # of one row, the number of rows would become a constant
        input_names=["features"],
        output_names=["steering_angle"],
        dynamic_shapes=({0: torch.export.Dim("rows")},),
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


def golden(network: Network) -> dict[str, object]:
    """Situations, and the first second of a held-out drive, with the answers of the torch network."""
    drive = driven(None, np.random.default_rng(1), 1, kicks=30, noise=1)[1][0, :20:2].round(3).tolist()
    batches = {name: [row] for name, row in CASES.items()} | {"a second of a drive": drive}
    return {
        "tolerance": TOLERANCE,
        "cases": [
            {
                "name": name,
                "request": {"instances": [dict(zip(NAMES, row, strict=True)) for row in rows]},
                "response": {"predictions": [round(float(y), 6) for y in answered(network, np.array(rows))]},
            }
            for name, rows in batches.items()
        ],
    }


def main() -> None:
    """Simulate, train, measure, export."""
    torch.manual_seed(0)
    torch.set_num_threads(1)  # the same sums in the same order, so the same weights, on any number of cores
    network = trained(*examples(np.random.default_rng(0), DRIVES, noise=0))
    report(network)
    export(network)
    (HERE / "golden.json").write_text(json.dumps(golden(network), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
