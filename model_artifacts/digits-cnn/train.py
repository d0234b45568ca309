"""Train a small convolutional network on scikit-learn's digits; write model.onnx, golden.json and sample.png."""

import base64
import json
from io import BytesIO
from pathlib import Path

import numpy as np
import onnx
import torch
from PIL import Image, ImageDraw, ImageFont, ImageOps
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import Tensor, nn
from torch.nn import functional

HERE = Path(__file__).parent
EPOCHS, BATCH, PEAK_RATE = 150, 64, 4e-3
TOLERANCE = 1e-3  # libraries decode and shrink a JPEG to within about a level of each other
ORIENTATION, QUARTER_TURN = 0x0112, 6  # the EXIF tag, and its value for "turn me clockwise to view me"


class Network(nn.Module):
    """Three convolutions and a linear layer; `forward` gives scores for pixels from 0 (paper) to 1 (ink)."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            *(nn.Conv2d(1, 24, 3, padding=1), nn.BatchNorm2d(24), nn.ReLU()),
            *(nn.Conv2d(24, 48, 3, padding=1), nn.BatchNorm2d(48), nn.ReLU(), nn.MaxPool2d(2)),
            *(nn.Conv2d(48, 48, 3, padding=1), nn.BatchNorm2d(48), nn.ReLU()),
            *(nn.Flatten(), nn.Dropout(0.3), nn.Linear(48 * 4 * 4, 10)),
        )

    def forward(self, image: Tensor) -> Tensor:
        """Scores of the ten digits, after stretching each image to its full contrast."""
        low, high = image.amin((2, 3), keepdim=True), image.amax((2, 3), keepdim=True)
        return self.layers((image - low) / (high - low).clamp(min=0.1))


def preprocessed(picture: Image.Image) -> np.ndarray:
    """What model.toml declares for pictures: the ink of it, upright, grey, 8 x 8, light on dark; from 0 to 255."""
    levels = np.asarray(ImageOps.exif_transpose(picture).convert("L"), np.float32)
    edge = np.concatenate([levels[0], levels[-1], levels[1:-1, 0], levels[1:-1, -1]])
    paper = np.median(edge)
    if paper - levels.min() > levels.max() - paper:
        levels, paper = 255 - levels, 255 - paper
    ink = levels - paper > (levels.max() - paper) / 2
    rows, columns = np.flatnonzero(ink.any(1)), np.flatnonzero(ink.any(0))
    drawing = Image.fromarray(np.uint8(levels)).crop((columns[0], rows[0], columns[-1] + 1, rows[-1] + 1))
    square = Image.new("L", (max(drawing.size),) * 2, int(paper))
    square.paste(drawing, ((square.width - drawing.width) // 2, (square.height - drawing.height) // 2))
    return np.asarray(square.resize((8, 8), Image.Resampling.BILINEAR), np.float32)


def drawing(digit: np.ndarray, margin: int, corner: tuple[int, int] | None = None, size: int = 280) -> Image.Image:
    """An 8 x 8 digit as a person would send it: black strokes on white paper, in the middle unless told where."""
    strokes = Image.fromarray(digit.astype(np.uint8)).resize((size - 2 * margin,) * 2, Image.Resampling.LANCZOS)
    paper = Image.new("L", (size, size), 255)
    paper.paste(strokes.point(lambda level: max(0, min(255, 8 * (130 - level)))), corner or (margin, margin))
    return paper


def typeset() -> tuple[Tensor, Tensor]:
    """Digits of Pillow's own typeface in four weights, 32 x 32, each four times, with their labels."""
    font, images = ImageFont.load_default(size=320), []
    for digit in range(10):
        for stroke in (0, 4, 8, 14):
            page = Image.new("L", (400, 400))
            ImageDraw.Draw(page).text((200, 200), str(digit), font=font, anchor="mm", fill=255, stroke_width=stroke)
            left, top, right, bottom = page.getbbox()
            square = ImageOps.pad(page.crop((left, top, right, bottom)), (bottom - top,) * 2)
            images.append(np.asarray(square.resize((32, 32), Image.Resampling.BOX), np.float32) / 255)
    labels = torch.arange(10).repeat_interleave(4)
    return torch.from_numpy(np.stack(images))[:, None].repeat(4, 1, 1, 1), labels.repeat(4)


def augmented(small: Tensor, large: Tensor) -> Tensor:
    """Half of the images as they are; half redrawn: moved, scaled, turned, with other strokes, blur and contrast."""

    def spread(low: float, high: float, *shape: int) -> Tensor:
        return low + (high - low) * torch.rand(len(small), *shape)

    angle, wide = spread(-0.2, 0.2), spread(0.9, 1.9)
    high, slant = wide * spread(0.87, 1.15), spread(-0.2, 0.2)
    rows = [[wide * angle.cos(), slant - high * angle.sin(), spread(-0.25, 0.25)]]
    rows += [[wide * angle.sin(), high * angle.cos(), spread(-0.2, 0.2)]]
    grid = functional.affine_grid(torch.stack([torch.stack(row, 1) for row in rows], 1), large.shape, False)
    moved = functional.grid_sample(large, grid, align_corners=False)
    edge, sharpness = spread(0.25, 0.6, 1, 1, 1), spread(6, 25, 1, 1, 1)
    inked = torch.sigmoid((moved - edge) * sharpness) - torch.sigmoid(-edge * sharpness)
    drawn = torch.where(spread(0, 1, 1, 1, 1) < 0.6, inked, moved).clamp(0, 1)
    blurred = functional.interpolate(drawn, size=8, mode="bilinear", antialias=True)
    blend = spread(0, 1, 1, 1, 1)
    shrunk = blend * blurred + (1 - blend) * functional.avg_pool2d(drawn, 4)
    paper, ink = spread(-0.2, 0.2, 1, 1, 1).clamp(min=0), spread(0.6, 1.1, 1, 1, 1).clamp(max=1)
    redrawn = paper + (ink - paper) * shrunk + 0.03 * torch.randn_like(shrunk)
    return torch.where(spread(0, 1, 1, 1, 1) < 0.5, small, redrawn.clamp(0, 1))


def trained(images: np.ndarray, digits: np.ndarray) -> Network:
    """The network after training on 8 x 8 images, pixels from 0 to 255, and on typeset digits."""
    types, typed = typeset()
    small = torch.from_numpy(images)[:, None] / 255
    large = torch.cat([functional.interpolate(small, size=32, mode="bicubic").clamp(0, 1), types])
    small = torch.cat([small, functional.avg_pool2d(types, 4)])
    answers = torch.cat([torch.from_numpy(digits), typed])
    network = Network().train()
    optimizer = torch.optim.AdamW(network.parameters(), weight_decay=1e-2)
    steps = EPOCHS * -(-len(small) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, PEAK_RATE, total_steps=steps)
    for _ in range(EPOCHS):
        for batch in torch.randperm(len(small)).split(BATCH):
            loss = functional.cross_entropy(network(augmented(small[batch], large[batch])), answers[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    return network.eval()


@torch.no_grad()
def probabilities(network: Network, pixels: np.ndarray) -> np.ndarray:
    """Probabilities of the ten digits for images of shape [count, 8, 8], pixels from 0 to 255."""
    return network(torch.from_numpy(np.float32(pixels))[:, None] / 255).softmax(1).numpy()


def encoded(picture: Image.Image, kind: str, **options: object) -> bytes:
    """The file of a picture."""
    stream = BytesIO()
    picture.save(stream, kind, **options)
    return stream.getvalue()


def report(network: Network, images: np.ndarray, digits: np.ndarray) -> None:
    """Print the accuracy on held-out digits, as they are and as photographed drawings of several margins."""
    found = probabilities(network, images)
    wrong = [f"{digit} read as {best}" for digit, best in zip(digits, found.argmax(1), strict=True) if digit != best]
    loss = -np.log(found[np.arange(len(digits)), digits]).mean()
    print(f"held-out accuracy, {len(digits)} arrays: {1 - len(wrong) / len(digits):.4f} ({', '.join(wrong) or 'all'})")
    print(f"held-out log loss: {loss:.4f}")
    places = np.random.default_rng(0)
    for margin in (5, 28, 45, 100):
        for where, reach in (("in the middle", 0), ("anywhere", margin)):
            corners = margin + places.integers(-reach, reach, (len(images), 2), endpoint=True)
            drawings = [drawing(image, margin, tuple(at)) for image, at in zip(images, corners.tolist(), strict=True)]
            files = [encoded(picture, "JPEG", quality=60) for picture in drawings]
            seen = np.stack([preprocessed(Image.open(BytesIO(file))) for file in files])
            right = (probabilities(network, seen).argmax(1) == digits).mean()
            print(f"the same, {280 - 2 * margin} of 280 pixels high, {where}, saved as JPEG: {right:.4f}")


def export(network: Network) -> None:
    """Write model.onnx: softmax and weights inside, any number of rows, nothing about the machine that made it."""
    rows = torch.export.Dim("rows")
    program = torch.onnx.export(
        nn.Sequential(network, nn.Softmax(1)).eval(),
        (torch.zeros(2, 1, 8, 8),),  # of one row, the number of rows would become a constant
        input_names=["image"],
        output_names=["probabilities"],
        dynamic_shapes=({0: rows},),
        opset_version=20,
        dynamo=True,
        verbose=False,
    )
    model = program.model_proto
    graph = model.graph
    graph.name = "digits-cnn"
    for part in (model, graph, *graph.node, *graph.value_info, *graph.input, *graph.output, *graph.initializer):
        del part.metadata_props[:]  # stack traces, with the paths of this machine
        part.doc_string = ""
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, HERE / "model.onnx")


def golden(network: Network, images: np.ndarray, digits: np.ndarray) -> dict[str, object]:
    """Held-out digits as requests, with the answers of the torch network; also writes sample.png."""
    first = {digit: images[digits == digit][0] for digit in range(10)}
    exif = Image.Exif()
    exif[ORIENTATION] = QUARTER_TURN
    files = {
        "PNG, dark on light": encoded(drawing(first[5], 28), "PNG", optimize=True),
        "JPEG, light on dark": encoded(ImageOps.invert(drawing(first[9], 8, size=96)), "JPEG"),
        "JPEG, turned by its EXIF tag": encoded(
            drawing(first[3], 8, size=96).transpose(Image.Transpose.ROTATE_90), "JPEG", exif=exif
        ),
    }
    (HERE / "sample.png").write_bytes(files["PNG, dark on light"])
    pixels = {name: preprocessed(Image.open(BytesIO(file)))[None] for name, file in files.items()}
    pictures = {name: [{"image": {"b64": base64.b64encode(file).decode()}}] for name, file in files.items()}
    pixels |= {"array": images[:1], "arrays by name": images[1:3]}
    arrays = {"array": images[:1].tolist(), "arrays by name": [{"image": image.tolist()} for image in images[1:3]]}
    cases = [
        {"name": name, "request": {"instances": instances}, "response": {"predictions": answers(network, pixels[name])}}
        for name, instances in (arrays | pictures).items()
    ]
    return {"tolerance": TOLERANCE, "cases": cases}


def answers(network: Network, pixels: np.ndarray) -> list[dict[str, object]]:
    """Predictions in the user's terms."""
    rows = probabilities(network, pixels)
    tables = [{str(digit): round(float(p), 7) for digit, p in enumerate(row)} for row in rows]
    return [{"label": max(table, key=table.__getitem__), "probabilities": table} for table in tables]


def main() -> None:
    """Train, measure, export."""
    torch.manual_seed(0)
    torch.set_num_threads(1)  # the same sums in the same order, so the same weights, on any number of cores
    digits = load_digits()
    images = np.float32(np.rint(digits.images * 255 / 16))
    seen, held_out, seen_digits, held_out_digits = train_test_split(
        images, digits.target, test_size=360, stratify=digits.target, random_state=0
    )
    network = trained(seen, seen_digits)
    report(network, held_out, held_out_digits)
    export(network)
    document = json.dumps(golden(network, held_out, held_out_digits))
    (HERE / "golden.json").write_text(document + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
