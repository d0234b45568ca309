"""Simulates trips second by second, and what a phone records of them every ten seconds."""

from typing import NamedTuple

import numpy as np

MODES = ("walk", "bicycle", "car", "bus", "train")
NAMES = ("speed", "acceleration", "heading_change", "stopped", "interval")
LOW, HIGH = np.array([0, -5, 0, 0, 1]), np.array([100, 5, 180, 1, 600])  # the ranges that model.toml declares
DIGITS = (2, 3, 0, 1, 0)  # after the decimal point
SHORTEST, LONGEST = 5, 200  # steps
STEP = 10  # seconds
SPREAD = 0.35  # standard deviation between trips of the logarithms of distances, waits, acceleration and bends


class Style(NamedTuple):
    """A way to use a mode: the middle of what its trips are like. Speeds vary by `spread` between them."""

    mode: str
    share: float  # of the mode's trips
    speed: float  # wanted, m/s
    spread: float  # standard deviation of the logarithm of the wanted speed between trips
    spacing: float  # mean distance between stops, m
    regularity: float  # shape of the gamma distribution of that distance: 1 by chance (lights), 6 nearly even
    dwell: float  # mean time at a stop, s
    acceleration: float  # m/s2
    bend: float  # standard deviation of the rate at which the way winds, degrees/s
    corner: float  # mean distance between corners of about 90 degrees, m
    gap: float  # chance in each step that reception is lost


STYLES = (
    Style("walk", 0.85, 1.35, 0.15, 220, 1, 15, 0.7, 1.5, 150, 0.006),
    Style("walk", 0.15, 2.70, 0.15, 600, 1, 12, 0.8, 1.2, 250, 0.004),  # running
    Style("bicycle", 0.75, 4.5, 0.20, 450, 1, 14, 0.6, 1.2, 350, 0.004),
    Style("bicycle", 0.25, 6.6, 0.12, 600, 1, 14, 0.8, 1.0, 450, 0.004),  # with a motor, or in a race
    Style("car", 0.50, 11.5, 0.18, 380, 1, 16, 1.3, 1.0, 450, 0.006),
    Style("car", 0.20, 4.5, 0.30, 130, 1, 14, 1.1, 0.8, 450, 0.006),  # in a jam
    Style("car", 0.18, 21.0, 0.12, 2500, 1, 14, 1.2, 1.2, 2500, 0.004),  # in the country
    Style("car", 0.12, 32.0, 0.10, 15000, 1, 10, 1.0, 0.5, 15000, 0.006),  # on a motorway
    Style("bus", 0.60, 10.0, 0.15, 380, 4, 17, 1.0, 0.9, 600, 0.006),
    Style("bus", 0.20, 5.5, 0.20, 220, 2, 17, 0.9, 0.8, 600, 0.006),  # in a jam
    Style("bus", 0.20, 20.0, 0.15, 3000, 2, 20, 0.9, 0.9, 2500, 0.004),  # across the country
    Style("train", 0.35, 15.0, 0.15, 850, 6, 25, 0.9, 0.7, 1e9, 0.05),  # tram or underground
    Style("train", 0.40, 30.0, 0.15, 6000, 4, 45, 0.5, 0.4, 1e9, 0.015),
    Style("train", 0.25, 55.0, 0.15, 40000, 3, 120, 0.35, 0.25, 1e9, 0.02),
)


class Drive(NamedTuple):
    """What was true of many trips: the first three arrays at the ends of steps [trips, 201], the last one in them."""

    distance: np.ndarray
    speed: np.ndarray
    heading: np.ndarray
    stopped: np.ndarray


def chosen(generator: np.random.Generator, count: int) -> dict[str, np.ndarray]:
    """For each trip its mode as an index, and what its style and chance make of it."""
    mode = generator.integers(len(MODES), size=count)
    chances = np.array([[style.share * (style.mode == name) for style in STYLES] for name in MODES])
    style = (generator.random((count, 1)) > chances.cumsum(1)[mode]).sum(1)
    fields = {name: np.array([getattr(style, name) for style in STYLES])[style] for name in Style._fields[2:]}
    spreads = {"speed": fields["spread"], "regularity": 0.0, "gap": 0.0}
    chance = {name: np.exp(spreads.get(name, SPREAD) * generator.normal(size=count)) for name in fields}
    return {"mode": mode} | {name: middle * chance[name] for name, middle in fields.items()}


def driven(generator: np.random.Generator, way: dict[str, np.ndarray]) -> Drive:
    """Every trip for 2000 seconds: up to the wanted speed, down before each stop, a wait, and on."""
    count = len(way["mode"])
    state = np.zeros((3, count))  # distance, speed, heading
    ahead = generator.random(count) * way["spacing"]  # distance to the next stop
    wait, rate, mood = np.zeros(count), np.zeros(count), np.zeros(count)
    state[1] = np.minimum(way["speed"] * generator.random(count), np.sqrt(ahead * way["acceleration"]))
    path, standing = [state.copy()], np.zeros((LONGEST, count))
    for second in range(LONGEST * STEP):
        mood = 0.97 * mood + 0.03 * generator.normal(size=count)  # fluctuations of the wanted speed
        wanted = way["speed"] * (1 + 0.8 * mood)
        wanted = np.where(wait > 0, 0, np.minimum(wanted, np.sqrt(2 * way["acceleration"] * ahead.clip(0))))
        change = np.clip(wanted - state[1], -2.0 * way["acceleration"], way["acceleration"])
        state[1] = (state[1] + change).clip(0)
        state[0] += state[1]
        ahead -= state[1]
        arrived = (wait <= 0) & (ahead < 2.0)
        wait = np.where(arrived, generator.exponential(way["dwell"]) + 2, wait - 1)
        spacing = generator.gamma(way["regularity"]) * way["spacing"] / way["regularity"] + 20
        ahead = np.where(arrived, spacing, ahead)
        rate = 0.93 * rate + 0.37 * way["bend"] * generator.normal(size=count)
        corner = generator.random(count) < state[1] / way["corner"]
        turn = generator.choice([-1, 1], count) * generator.normal(85, 20, count)
        state[2] += np.where(state[1] > 0.3, rate, 0) + corner * turn
        standing[second // STEP] += (state[1] < 0.5) / STEP
        if second % STEP == STEP - 1:
            path.append(state.copy())
    distance, speed, heading = np.stack(path, axis=2)
    return Drive(distance, speed, heading, standing.T)


def recorded(generator: np.random.Generator, drive: Drive, trip: int, steps: int, gap: float) -> np.ndarray:
    """What a phone records of the first steps of a trip: [steps or fewer, features], with errors and gaps."""
    lost = np.zeros(steps, bool)
    for start in np.flatnonzero(generator.random(steps - 1) < gap):
        lost[start : min(start + generator.geometric(0.25), start + 30, steps - 1)] = True
    if (~lost).sum() < SHORTEST:
        lost[:] = False
    ends = np.flatnonzero(~lost) + 1
    starts = np.concatenate([[0], ends[:-1]])
    seconds = STEP * (ends - starts)
    poor = np.exp(0.5 * generator.normal())  # reception of this phone on this trip
    speed = (drive.distance[trip, ends] - drive.distance[trip, starts]) / seconds
    speed = speed + poor * generator.normal(0, 0.25, len(ends))
    speed = speed + (generator.random(len(ends)) < 0.008 * poor) * generator.exponential(8, len(ends))  # it jumps
    change = (drive.speed[trip, ends] - drive.speed[trip, starts]) / seconds
    change = change + poor * generator.normal(0, 0.03, len(ends))
    turned = drive.heading[trip, ends] - drive.heading[trip, starts]
    turned = turned + poor * generator.normal(0, 1, len(ends)) * (3 + 25 / (1 + speed.clip(0)))
    turned = np.abs((turned + 180) % 360 - 180)
    stopped = drive.stopped[trip, ends - 1]
    rows = np.stack([speed, change, turned, stopped, seconds], axis=1).clip(LOW, HIGH)
    return np.float32(
        [[round(float(x), digits) for x, digits in zip(row, (2, 3, 0, 1, 0), strict=True)] for row in rows]
    )


def trips(generator: np.random.Generator, count: int) -> tuple[list[np.ndarray], np.ndarray]:
    """Recorded trips, each [steps, features], and their modes as indices into MODES."""
    found, modes = [], []
    for start in range(0, count, 4000):
        way = chosen(generator, min(4000, count - start))
        drive = driven(generator, way)
        lengths = np.exp(generator.uniform(np.log(SHORTEST), np.log(LONGEST + 1), len(way["mode"]))).astype(int)
        steps = enumerate(lengths.clip(SHORTEST, LONGEST))
        found += [recorded(generator, drive, trip, length, way["gap"][trip]) for trip, length in steps]
        modes.append(way["mode"])
    return found, np.concatenate(modes)
