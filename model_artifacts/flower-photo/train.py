"""Train a small MobileNet-like network on parts of two photographs; write model.onnx, golden.json and sample.jpg."""

import base64
import json
from collections.abc import Iterator
from io import BytesIO
from itertools import cycle
from pathlib import Path
from typing import NamedTuple

import numpy as np
import onnx
import torch
from PIL import Image, ImageDraw, ImageOps
from sklearn.datasets import load_sample_image
from torch import Tensor, nn
from torch.nn import functional

HERE = Path(__file__).parent
LABELS = ("building", "flower", "neither")
SIDE = 224
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
STEPS, BATCH, PEAK_RATE = 340, 18, 6e-3
SMALLEST, LARGEST = 48, 130  # sides of the squares that are cut from the photographs
OUTLINES = {
    "china.jpg": [
        *((205, 30), (222, 62), (320, 124), (295, 160), (330, 180), (328, 232), (352, 256), (350, 318), (372, 335)),
        *((350, 368), (310, 392), (270, 390), (215, 370), (76, 345), (76, 284), (62, 264), (98, 238), (98, 188)),
        *((84, 178), (118, 160), (95, 124), (190, 65)),
    ],
    "flower.jpg": [(308 + 138 * np.cos(turn), 221 + 136 * np.sin(turn)) for turn in np.linspace(0, 2 * np.pi, 60)],
}
SECOND_FLOWER = (285, 370, 475, 500)  # cut off by the lower edge of flower.jpg: neither a flower nor without one
MIDDLES = {"china.jpg": 205, "flower.jpg": 308}  # what is left of it trains, what is right of it is held out
TOLERANCE = 1e-3  # libraries decode a JPEG to within about a level of each other
ORIENTATION, QUARTER_TURN = 0x0112, 6  # the EXIF tag, and its value for "turn me clockwise to view me"
BUILDING, FLOWER, LAKE = (215, 190, 320, 295), (310, 90, 438, 218), (420, 200, 520, 300)  # held-out squares
WHOLE = (158, 71, 458, 371)  # the flower, of which the left half was trained on


class Photograph(NamedTuple):
    """A photograph, the label of its subject, and where that is: 1 inside its outline, else 0; nan is unlabelled."""

    picture: Image.Image
    label: int
    subject: np.ndarray
    middle: int


class Block(nn.Module):
    """MobileNet's inverted residual: widen, filter each channel, narrow; added to its input where sizes agree."""

    def __init__(self, inner: int, outer: int, stride: int) -> None:
        super().__init__()
        wide = 4 * inner
        self.layers = nn.Sequential(
            *(nn.Conv2d(inner, wide, 1, bias=False), nn.BatchNorm2d(wide), nn.ReLU()),
            *(nn.Conv2d(wide, wide, 3, stride, 1, groups=wide, bias=False), nn.BatchNorm2d(wide), nn.ReLU()),
            *(nn.Conv2d(wide, outer, 1, bias=False), nn.BatchNorm2d(outer)),
        )
        self.skips = inner == outer and stride == 1

    def forward(self, values: Tensor) -> Tensor:
        """The block's answer."""
        return values + self.layers(values) if self.skips else self.layers(values)


def untrained() -> nn.Module:
    """The network: normalised pixels [rows, 3, 224, 224] to scores [rows, 3]."""
    return nn.Sequential(
        *(nn.Conv2d(3, 16, 5, 4, 2, bias=False), nn.BatchNorm2d(16), nn.ReLU()),
        *(Block(16, 24, 2), Block(24, 24, 1), Block(24, 48, 2), Block(48, 48, 1), Block(48, 96, 2)),
        *(nn.Conv2d(96, 192, 1, bias=False), nn.BatchNorm2d(192), nn.ReLU()),
        *(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.2), nn.Linear(192, len(LABELS))),
    )


def photographs() -> list[Photograph]:
    """The two photographs that scikit-learn bundles."""
    found = []
    for label, (name, outline) in enumerate(OUTLINES.items()):
        picture = Image.fromarray(load_sample_image(name))
        drawn = Image.new("F", picture.size)
        draw = ImageDraw.Draw(drawn)
        if name == "flower.jpg":
            draw.ellipse(SECOND_FLOWER, fill=float("nan"))
        draw.polygon(outline, fill=1.0)
        found.append(Photograph(picture, label, np.asarray(drawn), MIDDLES[name]))
    return found


def squares(photos: list[Photograph], seed: int, held_out: bool) -> Iterator[tuple[np.ndarray, int]]:
    """Random squares of one side of the photographs, 224 x 224 pixels from 0 to 255, with their labels in turn.

    A square is of the subject if at least two thirds of it are, and of neither if at most a twentieth is.
    """
    generator = np.random.default_rng(seed)
    for wanted in cycle(range(len(LABELS))):
        found = None
        while found != wanted:
            photo = photos[wanted if wanted < len(photos) else generator.integers(len(photos))]
            left_end, right_end = (photo.middle, photo.picture.width) if held_out else (0, photo.middle)
            side = generator.integers(SMALLEST, LARGEST)
            left = generator.integers(left_end, right_end - side)
            top = generator.integers(0, photo.picture.height - side)
            share = photo.subject[top : top + side, left : left + side].mean()
            found = photo.label if share >= 2 / 3 else LABELS.index("neither") if share <= 1 / 20 else None
        box = (left, top, left + side, top + side)
        yield np.asarray(photo.picture.resize((SIDE, SIDE), Image.Resampling.BILINEAR, box=box)), wanted


def batch_of(stream: Iterator[tuple[np.ndarray, int]], count: int) -> tuple[Tensor, Tensor]:
    """The next squares, as pixels from 0 to 1 of shape [count, 3, 224, 224], and their labels."""
    images, labels = zip(*(next(stream) for _ in range(count)), strict=True)
    return torch.from_numpy(np.stack(images)).permute(0, 3, 1, 2) / 255, torch.tensor(labels)


def normalised(pixels: Tensor) -> Tensor:
    """What the network takes, from pixels from 0 to 1."""
    return (pixels - torch.tensor(MEAN)[:, None, None]) / torch.tensor(STD)[:, None, None]


def augmented(pixels: Tensor) -> Tensor:
    """Mirrored, turned, blurred, in other light and other colours, so that colour alone does not give them away."""

    def spread(low: float, high: float, *shape: int) -> Tensor:
        return low + (high - low) * torch.rand(len(pixels), *shape, 1, 1)

    angle, scale = spread(-0.3, 0.3).squeeze(), spread(0.7, 1.0).squeeze()
    mirror = torch.where(torch.rand(len(pixels)) < 0.5, -scale, scale)
    zero = torch.zeros(len(pixels))
    rows = [torch.stack([mirror * angle.cos(), -scale * angle.sin(), zero], 1)]
    rows += [torch.stack([mirror * angle.sin(), scale * angle.cos(), zero], 1)]
    grid = functional.affine_grid(torch.stack(rows, 1), pixels.shape, False)
    moved = functional.grid_sample(pixels, grid, padding_mode="reflection", align_corners=False)
    blurred = functional.interpolate(functional.avg_pool2d(moved, 4), size=SIDE, mode="bilinear")
    moved = torch.lerp(moved, blurred, spread(0, 1, 1))
    grey = moved.mean(1, keepdim=True)
    swapped = torch.where(torch.rand(len(pixels), 1, 1, 1) < 0.3, moved.roll(1, dims=1), moved)
    tinted = (grey + spread(0, 1.2, 1) * (swapped - grey)) * spread(0.75, 1.25, 3)
    middle = tinted.mean((1, 2, 3), keepdim=True)
    lit = middle * spread(0.6, 1.4, 1) + spread(0.6, 1.4, 1) * (tinted - middle)
    return lit.clamp(0, 1)


def trained(photos: list[Photograph]) -> nn.Module:
    """The network after training on the left sides of the photographs."""
    stream = squares(photos, seed=0, held_out=False)
    network = untrained().train().to(memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(network.parameters(), weight_decay=2e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, PEAK_RATE, total_steps=STEPS)
    for _ in range(STEPS):
        pixels, labels = batch_of(stream, BATCH)
        scores = network(normalised(augmented(pixels)).contiguous(memory_format=torch.channels_last))
        loss = functional.cross_entropy(scores, labels, label_smoothing=0.05)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    return network.eval().to(memory_format=torch.contiguous_format)


@torch.no_grad()
def probabilities(network: nn.Module, pixels: Tensor) -> np.ndarray:
    """Probabilities of the labels for pixels from 0 to 1."""
    return network(normalised(pixels)).softmax(1).numpy()


def report(network: nn.Module, photos: list[Photograph]) -> None:
    """Print figures for squares of the right sides of the photographs, in colour and without."""
    pixels, labels = batch_of(squares(photos, seed=1, held_out=True), 600)
    grey = (pixels * torch.tensor([0.299, 0.587, 0.114])[:, None, None]).sum(1, keepdim=True).repeat(1, 3, 1, 1)
    for name, version in {"in colour": pixels, "in grey": grey}.items():
        found = probabilities(network, version)
        right = found.argmax(1) == labels.numpy()
        shares = ", ".join(f"{label} {right[labels == index].mean():.3f}" for index, label in enumerate(LABELS))
        loss = -np.log(found[np.arange(len(labels)), labels]).mean()
        print(f"held-out accuracy, {len(labels)} squares {name}: {right.mean():.4f} ({shares}), log loss {loss:.4f}")
    for photo in photos:
        whole = preprocessed(encoded(photo.picture, "PNG"))
        print(f"the whole photograph of a {LABELS[photo.label]}: {prediction(probabilities(network, whole)[0])}")


def export(network: nn.Module) -> None:
    """Write model.onnx: softmax and weights inside, any number of rows, nothing about the machine that made it."""
    program = torch.onnx.export(
        nn.Sequential(network, nn.Softmax(1)).eval(),
        (torch.zeros(2, 3, SIDE, SIDE),),  # of one row, the number of rows would become a constant
        input_names=["image"],
        output_names=["probabilities"],
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


def encoded(picture: Image.Image, kind: str, **options: object) -> bytes:
    """The file of a picture."""
    stream = BytesIO()
    picture.save(stream, kind, **options)
    return stream.getvalue()


def preprocessed(file: bytes) -> Tensor:
    """What model.toml declares, before normalisation: upright, on white paper, RGB, 224 x 224; from 0 to 1."""
    picture = Image.open(BytesIO(file))
    picture.draft("RGB", (SIDE, SIDE))
    upright = ImageOps.exif_transpose(picture)
    if upright.has_transparency_data:
        upright = Image.alpha_composite(Image.new("RGBA", upright.size, "white"), upright.convert("RGBA"))
    small = upright.convert("RGB").resize((SIDE, SIDE), Image.Resampling.BILINEAR, reducing_gap=3.0)
    return torch.from_numpy(np.asarray(small, np.float32)).permute(2, 0, 1)[None] / 255


def golden(network: nn.Module, photos: list[Photograph]) -> dict[str, object]:
    """Held-out squares as requests, with the answers of the torch network; also writes sample.jpg."""
    china, flower = (photo.picture for photo in photos)
    exif = Image.Exif()
    exif[ORIENTATION] = QUARTER_TURN
    cut_out = flower.crop(FLOWER).resize((64, 64)).convert("RGBA")
    cut_out.putalpha(Image.new("L", (64, 64)).point(lambda _: 255))
    ImageDraw.Draw(cut_out).rectangle((48, 0, 63, 63), fill=(0, 0, 0, 0))
    sample = encoded(flower.crop(FLOWER), "JPEG", quality=92)
    (HERE / "sample.jpg").write_bytes(sample)
    files = {
        "a flower, JPEG": [sample],
        "a building, PNG": [encoded(china.crop(BUILDING), "PNG", optimize=True)],
        "a lake, JPEG": [encoded(china.crop(LAKE), "JPEG", quality=90)],
        "a building, JPEG turned by its EXIF tag": [
            encoded(china.crop(BUILDING).transpose(Image.Transpose.ROTATE_90), "JPEG", quality=90, exif=exif)
        ],
        "a flower, PNG that is transparent at its right": [encoded(cut_out, "PNG", optimize=True)],
        "a whole flower, JPEG larger than needed": [encoded(flower.crop(WHOLE), "JPEG", quality=80)],
    }
    files["two pictures"] = files["a flower, JPEG"] + files["a lake, JPEG"]
    cases = []
    for name, pictures in files.items():
        instances = [{"image": {"b64": base64.b64encode(file).decode()}} for file in pictures]
        rows = probabilities(network, torch.cat([preprocessed(file) for file in pictures]))
        answers = [prediction(row) for row in rows]
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
    photos = photographs()
    network = trained(photos)
    print(f"weights: {sum(weights.numel() for weights in network.parameters())}")
    report(network, photos)
    export(network)
    (HERE / "golden.json").write_text(json.dumps(golden(network, photos)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
