"""Passes that quantize weights: what they write, against the same arithmetic in numpy."""

import numpy as np
import onnx
import pytest
from onnx import helper

from tests.toolchain.compression import networks
from toolchain.compression.errors import NotApplicable
from toolchain.compression.graph import Graph
from toolchain.compression.layers import linears
from toolchain.compression.recipe import apply, parse


def made(model: onnx.ModelProto, text: str) -> Graph:
    outcome = apply(parse(text), model.SerializeToString(), networks.requests(model))
    onnx.checker.check_model(outcome.model)
    return Graph.of(outcome.model)


def rounded(weight: np.ndarray, limit: int = 127) -> np.ndarray:
    """Per column, written out another way than in the passes."""
    columns = [
        np.round(column / (np.abs(column).max() / limit)) * (np.abs(column).max() / limit) for column in weight.T
    ]
    return np.stack(columns, axis=1)


@pytest.mark.parametrize(("text", "limit"), [("dynamic-int8", 127), ("dynamic-int8(reduced=true)", 63)])
def test_dynamic_weights_are_rounded_per_column(text: str, limit: int) -> None:
    graph = made(networks.matmul(), text)
    (node,) = graph.nodes
    assert (node.domain, node.op_type, node.output[0]) == ("com.microsoft", "DynamicQuantizeMatMul", "y")
    numbers, scale = graph.array(node.input[1]), graph.array(node.input[2])
    assert (str(numbers.dtype), numbers.shape, scale.shape) == ("int8", (32, 8), (8,))
    np.testing.assert_allclose(numbers * scale, rounded(networks.drawn(32, 8), limit), rtol=1e-5)


def test_dynamic_weights_of_one_scale_are_what_was_asked_for() -> None:
    graph = made(networks.matmul(), "dynamic-int8(per_channel=false)")
    scale = graph.array(graph.nodes[0].input[2])
    np.testing.assert_allclose(scale, [np.abs(networks.drawn(32, 8)).max() / 127], rtol=1e-6)


@pytest.mark.parametrize("transposed", [0, 1])
def test_dynamic_gemms_keep_their_bias_and_answer_nearly_the_same(transposed: int) -> None:
    model = networks.perceptron(transposed)
    graph = made(model, "dynamic-int8")
    assert [node.op_type for node in graph.nodes] == ["DynamicQuantizeMatMul", "Relu", "DynamicQuantizeMatMul"]
    np.testing.assert_array_equal(graph.array(graph.nodes[0].input[4]), networks.drawn(48, seed=2))
    calibration = networks.requests(model)
    right = networks.answers(model, calibration)
    error = np.linalg.norm(networks.answers(graph.model, calibration) - right) / np.linalg.norm(right)
    assert error < 0.02


def test_a_dynamic_convolution_answers_nearly_the_same() -> None:
    model = networks.convolution()
    graph = made(model, 'dynamic-int8(operators=["Conv"])')
    assert sum(node.op_type == "ConvInteger" for node in graph.nodes) == 2
    calibration = networks.requests(model)
    right = networks.answers(model, calibration)
    assert np.linalg.norm(networks.answers(graph.model, calibration) - right) < 0.03 * np.linalg.norm(right)


def test_excluded_layers_stay_and_unknown_names_are_refused() -> None:
    graph = made(networks.perceptron(), 'dynamic-int8(exclude=["last"])')
    assert [node.op_type for node in graph.nodes] == ["DynamicQuantizeMatMul", "Relu", "Gemm"]
    for name in ("dynamic-int8", "weight-only"):
        with pytest.raises(NotApplicable, match="no layer is called 'x'; there are first, last"):
            made(networks.perceptron(), f'{name}(exclude=["x"])')
    with pytest.raises(NotApplicable, match="every linear layer is excluded"):
        made(networks.perceptron(), 'weight-only(exclude=["first", "last"])')


@pytest.mark.parametrize(("bits", "block", "depth"), [(8, 16, 32), (8, 32, 20), (4, 16, 32), (4, 32, 50)])
def test_weights_by_blocks_multiply_as_their_rounded_floats_do(bits: int, block: int, depth: int) -> None:
    weight = networks.drawn(depth, 8)
    model = networks.matmul(weight)
    graph = made(model, f"weight-only(bits={bits}, block={block}, accuracy_level=0)")
    (node,) = graph.nodes
    assert (node.domain, node.op_type) == ("com.microsoft", "MatMulNBits")
    identity = np.eye(depth, dtype=np.float32)
    calibration = type(networks.requests(model))([{"x": identity}])
    got = networks.answers(graph.model, calibration)
    steps = [np.abs(weight[at : at + block]).max(axis=0) / (127 if bits == 8 else 8) for at in range(0, depth, block)]
    allowed = np.repeat(steps, block, axis=0)[:depth] * (0.501 if bits == 8 else 1.001)
    assert (np.abs(got - weight) <= allowed).all()


def test_a_gemm_by_blocks_gets_an_add_for_its_bias() -> None:
    graph = made(networks.perceptron(), "weight-only(bits=8, block=16)")
    assert [node.op_type for node in graph.nodes] == ["MatMulNBits", "Add", "Relu", "MatMulNBits", "Add"]


def test_a_layer_is_quantized_though_names_like_those_that_come_of_it_are_taken() -> None:
    model = networks.perceptron()
    model.graph.node[1].output[0] = model.graph.node[2].input[0] = "last_product"
    model.graph.node[1].name = "last_add"
    graph = made(model, "weight-only(bits=8, block=16)")
    calibration = networks.requests(model)
    right = networks.answers(model, calibration)
    assert np.linalg.norm(networks.answers(graph.model, calibration) - right) < 0.02 * np.linalg.norm(right)


def test_a_table_of_embeddings_has_a_scale_for_each_row() -> None:
    model = networks.attention()
    graph = made(model, "embeddings")
    table = networks.drawn(100, 32, seed=1)
    np.testing.assert_allclose(
        graph.array("table_int8") * graph.array("table_scale"), rounded(table.T).T, rtol=1e-5, atol=1e-7
    )
    assert "table" not in graph.initializers
    calibration = networks.requests(model)
    right = networks.answers(model, calibration)
    assert np.linalg.norm(networks.answers(graph.model, calibration) - right) < 0.01 * np.linalg.norm(right)


def test_a_table_of_4_bits_is_gathered_by_blocks() -> None:
    model = networks.attention()
    graph = made(model, "embeddings(bits=4, block=16)")
    node = graph.nodes[0]
    assert (node.domain, node.op_type) == ("com.microsoft", "GatherBlockQuantized")
    assert graph.array(node.input[0]).shape == (100, 16)
    calibration = networks.requests(model)
    gathered = np.concatenate([values["x"] for values in calibration.activations(graph, ["x"])])
    right = np.concatenate([values["x"] for values in calibration.activations(Graph(model), ["x"])])
    steps = np.abs(right.reshape(*right.shape[:-1], 2, 16)).max(axis=-1, keepdims=True) / 8
    assert (np.abs((gathered - right).reshape(*right.shape[:-1], 2, 16)) <= steps * 1.001).all()


def test_a_table_that_is_a_factor_too_or_too_small_or_uneven_is_left_alone() -> None:
    for text, reason in (
        ("embeddings(smallest=4000)", "no table of embeddings has 4000 values or more"),
        ("embeddings(bits=4, block=64)", "rows of 32 values do not come out even in blocks of 64"),
    ):
        with pytest.raises(NotApplicable, match=reason):
            made(networks.attention(), text)
    shared = networks.attention()
    shared.graph.node.append(onnx.helper.make_node("Identity", ["table"], ["z"]))
    shared.graph.output.append(onnx.helper.make_tensor_value_info("z", networks.FLOAT, [100, 32]))
    with pytest.raises(NotApplicable, match="factors of products too"):
        made(shared, "embeddings")


def test_half_storage_rounds_constants_to_16_bits_and_computes_in_32() -> None:
    model = networks.perceptron()
    graph = made(model, "half")
    assert [node.op_type for node in graph.nodes] == ["Cast", "Cast", "Gemm", "Relu", "Gemm"]
    np.testing.assert_array_equal(graph.array("w1_half"), networks.drawn(32, 48, seed=1).T.astype(np.float16))
    assert {entry.key: entry.value for entry in graph.model.metadata_props} == {"ortless.storage": "float16"}
    rewritten = networks.perceptron()
    for tensor in rewritten.graph.initializer:
        if tensor.name in ("w1", "w2"):
            tensor.raw_data = onnx.numpy_helper.to_array(tensor).astype(np.float16).astype(np.float32).tobytes()
    calibration = networks.requests(model)
    np.testing.assert_array_equal(networks.answers(graph.model, calibration), networks.answers(rewritten, calibration))


def test_constants_beyond_the_range_of_16_bits_stay() -> None:
    model = networks.matmul(networks.drawn(32, 8, scale=1e5))
    with pytest.raises(NotApplicable, match="no float32 constant has 64 values within the range of 16 bits"):
        made(model, "half")


def test_a_gemm_that_adds_a_value_to_each_row_is_left_alone() -> None:
    node = helper.make_node("Gemm", ["x", "w", "b"], ["y"], name="layer")
    weights = {"w": networks.drawn(32, 8), "b": networks.drawn(8, 1, seed=1)}
    model = networks.network([node], {"x": (networks.FLOAT, [8, 32])}, {"y": (networks.FLOAT, [8, 8])}, weights)
    with pytest.raises(NotApplicable, match="no MatMul, Gemm or Conv with constant float weights"):
        made(model, "dynamic-int8")


def test_an_operator_of_another_domain_is_no_layer_whatever_its_name() -> None:
    model = networks.matmul()
    model.graph.node[0].domain = "own"
    model.opset_import.append(helper.make_opsetid("own", 1))
    assert linears(Graph(model)) == []
