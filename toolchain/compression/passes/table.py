"""Every pass by the name that recipes call it by, with what it needs and takes."""

from collections.abc import Callable
from typing import Any, NamedTuple

from toolchain.compression.calibration import Calibration
from toolchain.compression.graph import Graph
from toolchain.compression.passes import (
    bias_correction,
    compact_trees,
    compaction,
    deduplication,
    distill,
    dynamic_int8,
    embeddings,
    folding,
    half_storage,
    merging,
    mixed,
    mixed_blocks,
    prune_heads,
    prune_neurons,
    prune_trees,
    smoothing,
    static_int8,
    weight_only,
)
from toolchain.compression.passes.options import NoOptions


class Pass(NamedTuple):
    """A pass.

    Attributes:
        summary: what it does, in a line.
        options: the dataclass of its options.
        applies: why it cannot take a graph, or None.
        run: makes the new graph; raises NotApplicable for what only the work itself shows.
        calibration: whether it needs sample requests.
        labels: whether it needs their labels.
    """

    summary: str
    options: type[Any]
    applies: Callable[[Graph], str | None]
    run: Callable[[Graph, Any, Any], Graph]
    calibration: bool = False
    labels: bool = False


def _plain(run: Callable[[Graph, Any], Graph]) -> Callable[[Graph, Any, Calibration | None], Graph]:
    return lambda graph, options, _calibration: run(graph, options)


PASSES: dict[str, Pass] = {
    "fold": Pass(
        "compute constants and fuse operators, as far as every CPU runs it",
        folding.Options,
        folding.applies,
        _plain(folding.run),
    ),
    "deduplicate": Pass("keep equal constants once", NoOptions, deduplication.applies, _plain(deduplication.run)),
    "merge": Pass(
        "compute linear layers that share an input in one multiplication",
        NoOptions,
        merging.applies,
        _plain(merging.run),
    ),
    "smooth": Pass(
        "move outliers of activations into weights; exact in float",
        smoothing.Options,
        smoothing.applies,
        smoothing.run,
        calibration=True,
    ),
    "half": Pass("store weights in 16 bits", half_storage.Options, half_storage.applies, _plain(half_storage.run)),
    "dynamic-int8": Pass(
        "multiply in 8 bits, scales of activations taken at each request",
        dynamic_int8.Options,
        dynamic_int8.applies,
        _plain(dynamic_int8.run),
    ),
    "static-int8": Pass(
        "compute in 8 bits, scales of activations taken from sample requests",
        static_int8.Options,
        static_int8.applies,
        static_int8.run,
        calibration=True,
    ),
    "weight-only": Pass(
        "store weights of linear layers in 8 or 4 bits by blocks",
        weight_only.Options,
        weight_only.applies,
        _plain(weight_only.run),
    ),
    "embeddings": Pass(
        "store tables of embeddings in 8 or 4 bits",
        embeddings.Options,
        embeddings.applies,
        _plain(embeddings.run),
    ),
    "smooth-int8": Pass(
        "smooth, then multiply in 8 bits, with weights by blocks in the layers that gain most from that",
        mixed.Options,
        mixed.applies,
        mixed.run,
        calibration=True,
    ),
    "mixed-blocks": Pass(
        "store weights of linear layers in 4 bits by blocks, the most sensitive in 8",
        mixed_blocks.Options,
        mixed_blocks.applies,
        mixed_blocks.run,
        calibration=True,
    ),
    "correct-bias": Pass(
        "take out the mean error that quantization gave each channel",
        bias_correction.Options,
        bias_correction.applies,
        bias_correction.run,
        calibration=True,
    ),
    "compact-trees": Pass(
        "write trees in their tersest form, without branches that decide nothing",
        NoOptions,
        compact_trees.applies,
        _plain(compact_trees.run),
    ),
    "prune-trees": Pass(
        "join the leaves of trees that tell least, and fit the others anew",
        prune_trees.Options,
        prune_trees.applies,
        prune_trees.run,
        calibration=True,
    ),
    "prune-neurons": Pass(
        "take out hidden units that tell least, and fit the weights behind them anew",
        prune_neurons.Options,
        prune_neurons.applies,
        prune_neurons.run,
        calibration=True,
    ),
    "prune-heads": Pass(
        "take out heads of attention that tell least, and fit the weights behind them anew",
        prune_heads.Options,
        prune_heads.applies,
        prune_heads.run,
        calibration=True,
    ),
    "distill": Pass(
        "teach a small network to answer as the model does, and let it take its place",
        distill.Options,
        distill.applies,
        distill.run,
        calibration=True,
    ),
    "compact": Pass(
        "shorten names and drop what exporters wrote; the last pass",
        NoOptions,
        compaction.applies,
        _plain(compaction.run),
    ),
}
