"""The text of a scaffold: model.toml and CARD.md, with words that say what to put where."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from functions.packaging.graph import Signature
from toolchain.draft import Draft

UNFILLED = "(to be written:"
"""How a passage of CARD.md begins that nobody has written yet."""

HEAD = """\
# What the API says of the model. Every text may be edited; the name is the folder's.
name = {name}
task = {task}
title = {title}
description = {description}  # what goes in, what comes out, what for
licence = {licence}  # of the weights: "Apache-2.0", "MIT", ...
provenance = {provenance}  # who trained it, how, on which data
"""
TABULAR = """
[preprocess]
kind = "tabular"  # objects or lists of named numbers{words} -> the tensor{s}
{tensor}# Name them as your users would. A feature may have a unit and a range, outside which a value is refused:
# {{ name = "height", unit = "cm", range = [0, 250], description = "from heel to crown" }}
features = [
{features}]
"""
IMAGE = """
[preprocess]
kind = "image"  # PNG, JPEG or WebP in base64, or arrays of pixels -> the tensor
tensor = {tensor}
size = {size}  # height, width
mode = {mode}  # L: grey, RGB: colour
# As in training: (pixel * scale - mean) / std, per channel. ImageNet's usual ones, for RGB:
# mean = [0.485, 0.456, 0.406], std = [0.229, 0.224, 0.225]
scale = 0.00392156862745098  # 1 / 255
mean = {mean}
std = {std}
# background = "dark"  # ink on paper is inverted
"""
CLASSIFICATION = """
[postprocess]
kind = "classification"  # probabilities -> label and the probability of each
tensor = {tensor}
{activation}# What the classes are called, by index; where golden.json names them, change it too.
labels = [
{labels}]
"""
REGRESSION = """
[postprocess]
kind = "regression"  # {what} per row
tensor = {tensor}
{values}"""
RAW = """
# No [{section}]: {side} are tensor rows as they are. The kinds there are: docs/guides/your-model.md
"""
CARD = """\
# {title}

**What for.** {unfilled} who should use it for what, and who should not.)

**Input.** {inputs} {unfilled} what the values mean, their units and ranges.)

**Output.** {outputs} {unfilled} how to read it.)

**Model.** {unfilled} architecture and size.) Opset {opset}{producer}.

**Data.** {unfilled} what it was trained on, and what was held out.)

**Figures.** {unfilled} how well it does on held-out data, and how that was measured.)

**Limits.** {unfilled} where it fails.)

**Licence.** {unfilled} of the model and of the data.)
"""


def model_toml(name: str, texts: dict[str, str], draft: Draft) -> str:
    """The text of model.toml."""
    fields = {"title": name, "description": "", "licence": "", "provenance": ""} | texts
    head = HEAD.format(**{key: _text(text) for key, text in ({"name": name, "task": draft.task} | fields).items()})
    return head + _preprocess(draft.preprocess) + _postprocess(draft.postprocess)


def card(title: str, signature: Signature, opset: int, producer: str) -> str:
    """The text of CARD.md."""
    inputs, outputs = (
        ", ".join(f"`{spec.name}`, {spec.datatype} of shape {list(spec.shape)}" for spec in side) + "."
        for side in (signature.inputs, signature.outputs)
    )
    made = f", exported by {producer}" if producer else ""
    return CARD.format(title=title, unfilled=UNFILLED, inputs=inputs, outputs=outputs, opset=opset, producer=made)


def _preprocess(table: Mapping[str, Any]) -> str:
    kind = table.get("kind")
    if kind == "tabular":
        return _tabular(table)
    if kind == "image":
        channels = 1 if table["mode"] == "L" else 3
        mean, std = [0.0] * channels, [1.0] * channels
        tensor, mode = _text(table["tensor"]), _text(table["mode"])
        return IMAGE.format(tensor=tensor, size=table["size"], mode=mode, mean=mean, std=std)
    return RAW.format(section="preprocess", side="instances")


def _tabular(table: Mapping[str, Any]) -> str:
    features = table["features"]
    words = " and words" if any(feature.get("type") == "category" for feature in features) else ""
    tensor = f"tensor = {_text(table['tensor'])}\n" if "tensor" in table else ""
    lines = "".join(f"    {_inline(feature)},\n" for feature in features)
    return TABULAR.format(words=words, s="" if tensor else "s", tensor=tensor, features=lines)


def _postprocess(table: Mapping[str, Any]) -> str:
    kind = table.get("kind")
    if kind == "classification":
        activation = f"activation = {_text(table['activation'])}\n" if "activation" in table else ""
        labels = "".join(_lines(table["labels"]))
        return CLASSIFICATION.format(tensor=_text(table["tensor"]), activation=activation, labels=labels)
    if kind == "regression":
        lines = "".join(f"    {_inline(value)},\n" for value in table.get("values", ()))
        values = f"values = [\n{lines}]\n" if lines else ""
        what = "named numbers" if lines else "one number"
        return REGRESSION.format(tensor=_text(table["tensor"]), what=what, values=values)
    return RAW.format(section="postprocess", side="predictions")


def _inline(fields: Mapping[str, Any]) -> str:
    """A table in one line."""
    return "{ " + ", ".join(f"{name} = {_value(value)}" for name, value in fields.items()) + " }"


def _value(value: Any) -> str:
    """A text, a number or a list of them; TOML writes nan and inf as Python does."""
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    return _text(value) if isinstance(value, str) else repr(value)


def _lines(labels: Sequence[str]) -> list[str]:
    """Ten labels to a line."""
    tens = [labels[start : start + 10] for start in range(0, len(labels), 10)]
    return ["    " + "".join(f"{_text(label)}, " for label in ten).rstrip() + "\n" for ten in tens]


def _text(value: str) -> str:
    """A TOML string: JSON's, but for the one character that only TOML escapes."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
