"""Heads of attention, taken out."""

import numpy as np
import onnx
import pytest
from onnx import helper

from tests.toolchain.compression import networks
from tests.toolchain.compression.multihead import multihead, sentences
from toolchain.compression.calibration import Calibration
from toolchain.compression.errors import NotApplicable
from toolchain.compression.graph import Graph
from toolchain.compression.neurons.attention import attentions
from toolchain.compression.recipe import Outcome, apply, parse
from toolchain.compression.sensitivity import compare

FORMS = ("apart", "together", "split")


def pruned(model: onnx.ModelProto, text: str = "prune-heads") -> Outcome:
    outcome = apply(parse(text), model.SerializeToString(), sentences())
    onnx.checker.check_model(outcome.model)
    return outcome


def error(model: onnx.ModelProto, outcome: Outcome) -> float:
    """Of what attention adds to the residual, on requests of other lengths than those it was fitted to."""
    random = np.random.default_rng(8)
    others = Calibration([
        {"x": random.normal(size=(3, length, 16)).astype(np.float32), "mask": np.zeros((1, 1, 1, length), np.float32)}
        for length in (1, 4, 11)
    ])  # fmt: skip

    def own(graph: Graph) -> list[np.ndarray[tuple[int, ...], np.dtype[np.float32]]]:
        pairs = zip(others.feeds, others.activations(graph, ["y"]), strict=True)
        return [(values["y"] - feed["x"]).reshape(-1, 16) for feed, values in pairs]

    return compare(own(Graph.of(outcome.model)), own(Graph(model)))[1]


@pytest.mark.parametrize("form", FORMS)
def test_attention_is_found_however_its_projections_are_written(form: str) -> None:
    (site,) = attentions(Graph(multihead(form)))
    assert (site.heads, site.width, site.after, site.x, site.joined) == (4, 6, "out", "all", "join")
    names = ("k", "q", "v") if form == "apart" else ("qkv",)
    assert [(part.layer, part.width) for part in site.projections] == [(name, 6) for name in names]
    assert site.splits == (("parts",) if form == "split" else ())


@pytest.mark.parametrize("form", FORMS)
def test_a_head_that_another_can_speak_for_goes_with_hardly_a_loss(form: str) -> None:
    model = multihead(form)
    outcome = pruned(model)
    graph = Graph.of(outcome.model)
    layers = [node for node in graph.nodes if node.op_type == "MatMul" and node.input[0] == "x"]
    widths = [graph.array(node.input[1]).shape for node in layers]
    assert widths == ([(16, 18)] * 3 if form == "apart" else [(16, 54)])
    assert graph.array(graph.node("out").input[1]).shape == (18, 16)
    assert outcome.notes[0].startswith("prune-heads: 1 of 4 heads taken out in 1 layers; largest relative error 0.0")
    assert error(model, outcome) < 0.05
    assert len(outcome.model) < len(model.SerializeToString())


def test_the_head_that_stays_counts_for_its_twin() -> None:
    graph = Graph.of(pruned(multihead()).model)
    weight = networks.drawn(24, 16, seed=60, scale=0.3)
    both = weight[:6] + weight[-6:]
    fitted = graph.array(graph.node("out").input[1])
    assert sorted(np.abs(fitted[at : at + 6] - both).max() < 0.1 for at in (0, 6, 12)) == [False, False, True]


def test_the_same_requests_give_the_same_bytes() -> None:
    model = multihead()
    assert pruned(model).model == pruned(model).model


def test_a_bias_of_scores_goes_with_its_head() -> None:
    model = multihead()
    scale = next(node for node in model.graph.node if node.name == "scale")
    scale.output[0] = "unbiased"
    at = list(model.graph.node).index(scale) + 1
    model.graph.node.insert(at, helper.make_node("Add", ["unbiased", "slopes"], ["scaled"], name="slope"))
    slopes = np.array([1, 20, 300, 1], np.float32).reshape(4, 1, 1)
    model.graph.initializer.append(onnx.numpy_helper.from_array(slopes, "slopes"))
    outcome = pruned(model)
    graph = Graph.of(outcome.model)
    assert sorted(graph.array(graph.node("slope").input[1]).ravel().tolist()) == [1, 20, 300]
    assert error(model, outcome) < 0.05


def test_heads_that_are_told_apart_elsewhere_stay() -> None:
    model = multihead()
    scale = next(node for node in model.graph.node if node.name == "scale")
    scale.output[0] = "unbiased"
    at = list(model.graph.node).index(scale) + 1
    model.graph.node.insert(at, helper.make_node("Neg", ["slopes"], ["turned_slopes"], name="computed"))
    model.graph.node.insert(at + 1, helper.make_node("Add", ["unbiased", "turned_slopes"], ["scaled"], name="slope"))
    slopes = np.arange(4, dtype=np.float32).reshape(4, 1, 1)
    model.graph.initializer.append(onnx.numpy_helper.from_array(slopes, "slopes"))
    with pytest.raises(NotApplicable, match="heads are told apart elsewhere in the graph, so none can go"):
        pruned(model)


@pytest.mark.parametrize("extra", ["k_sum", "shares", "all"])
def test_heads_that_something_else_takes_stay(extra: str) -> None:
    model = multihead()
    model.graph.node.append(helper.make_node("Abs", [extra], ["z"], name="other"))
    model.graph.output.append(helper.make_tensor_value_info("z", networks.FLOAT, None))
    with pytest.raises(NotApplicable, match="no attention with its heads between linear layers"):
        pruned(model)


def test_a_share_of_less_than_one_head_is_said() -> None:
    with pytest.raises(NotApplicable, match=r"no attention has so many heads that a share of 0.2 could go"):
        pruned(multihead(), "prune-heads(share=0.2)")


def test_heads_go_before_layers_are_merged_and_quantized() -> None:
    model = multihead()
    outcome = pruned(model, "prune-heads | merge | dynamic-int8")
    assert error(model, outcome) < 0.1


def test_the_layer_behind_may_be_a_gemm_of_flat_rows() -> None:
    model = multihead()
    nodes = {node.name: node for node in model.graph.node}
    at = list(model.graph.node).index(nodes["out"])
    for name in ("out", "out_add"):
        model.graph.node.remove(nodes[name])
    for offset, node in enumerate([
        helper.make_node("Gemm", ["all", "turned_w", "out_b"], ["flat"], name="out", transB=1),
        helper.make_node("Shape", ["x"], ["whole"], name="whole"),
        helper.make_node("Reshape", ["flat", "whole"], ["out_sum"], name="back"),
    ]):  # fmt: skip
        model.graph.node.insert(at + offset, node)
    weight = np.ascontiguousarray(networks.drawn(24, 16, seed=60, scale=0.3).T)
    model.graph.initializer.append(onnx.numpy_helper.from_array(weight, "turned_w"))
    joined = next(entry for entry in model.graph.initializer if entry.name == "joined")
    joined.CopyFrom(onnx.numpy_helper.from_array(np.array([-1, 24]), "joined"))
    outcome = pruned(model)
    graph = Graph.of(outcome.model)
    assert graph.array(graph.node("out").input[1]).shape == (16, 18)
    assert error(model, outcome) < 0.05
