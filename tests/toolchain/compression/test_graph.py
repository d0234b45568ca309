"""Graphs: copies that passes change, in the one form that they work on."""

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

from tests.core.graphs import plus
from tests.toolchain.compression import networks
from toolchain.compression.graph import Graph


def test_the_model_that_a_graph_is_made_of_never_changes() -> None:
    model = networks.attention()
    before = model.SerializeToString()
    graph = Graph(model)
    graph.remove(graph.nodes[-1:])
    graph.set_initializer("down_w", np.zeros((16, 8), np.float32))
    graph.declare("com.microsoft", 1)
    graph.sweep()
    assert model.SerializeToString() == before


def test_constant_nodes_are_initializers() -> None:
    graph = Graph(plus(2.5))
    assert [node.op_type for node in graph.nodes] == ["Add"]
    np.testing.assert_array_equal(graph.array("amount"), [2.5])


def test_local_functions_are_inlined() -> None:
    double = helper.make_function(
        "own", "Double", ["a"], ["b"], [helper.make_node("Add", ["a", "a"], ["b"])], [helper.make_opsetid("", 20)]
    )
    model = plus(1)
    del model.graph.node[:]
    model.graph.node.append(helper.make_node("Double", ["x"], ["y"], domain="own"))
    model.functions.append(double)
    model.opset_import.append(helper.make_opsetid("own", 1))
    assert [node.op_type for node in Graph(model).nodes] == ["Add"]


def test_nodes_without_a_name_or_with_a_taken_one_get_their_own() -> None:
    model = networks.perceptron()
    model.graph.node[0].name = ""
    model.graph.node[1].name = model.graph.node[2].name = "same"
    assert [node.name for node in Graph(model).nodes] == ["Gemm_hidden", "same", "same_1"]


def test_producers_consumers_and_matmuls_are_found() -> None:
    graph = Graph(networks.attention())
    assert graph.producers["y"].name == "down"
    assert [node.name for node in graph.consumers["x"]] == ["q", "k", "v"]
    assert [node.name for node in graph.matmuls()] == ["q", "k", "v", "down"]


def test_an_initializer_that_a_caller_may_override_is_no_constant() -> None:
    model = networks.matmul()
    model.graph.input.append(helper.make_tensor_value_info("w", onnx.TensorProto.FLOAT, [32, 8]))
    graph = Graph(model)
    assert list(graph.initializers) == ["w"]
    assert graph.constants == {}
    assert graph.matmuls() == []


def test_replacing_a_node_declares_the_domain_that_the_new_one_needs() -> None:
    graph = Graph(networks.matmul())
    graph.replace(graph.nodes[0], [helper.make_node("FusedMatMul", ["x", "w"], ["y"], domain="com.microsoft")])
    assert [(entry.domain, entry.version) for entry in graph.model.opset_import] == [("", 20), ("com.microsoft", 1)]
    assert [node.op_type for node in graph.nodes] == ["FusedMatMul"]


def test_a_new_node_never_takes_a_name_that_is_taken() -> None:
    graph = Graph(networks.perceptron())
    graph.insert(0, [helper.make_node("Neg", ["x"], [f"n{index}"], name="relu") for index in range(2)])
    assert [node.name for node in graph.nodes] == ["relu_1", "relu_2", "first", "relu", "last"]
    assert [graph.fresh(name) for name in ("n0", "x", "w1", "other")] == ["n0_1", "x_1", "w1_1", "other"]


def test_a_new_initializer_never_takes_a_name_that_is_taken() -> None:
    graph = Graph(networks.matmul())
    assert [graph.add_initializer(name, np.zeros(1)) for name in ("w", "x", "y", "new")] == ["w_1", "x_1", "y_1", "new"]


def test_sweeping_removes_what_nothing_refers_to_but_keeps_what_a_subgraph_takes() -> None:
    branch = helper.make_graph(
        [helper.make_node("Identity", ["inner"], ["out"])], "branch", [],
        [helper.make_tensor_value_info("out", onnx.TensorProto.FLOAT, [1])],
    )  # fmt: skip
    model = networks.matmul()
    model.graph.node.append(helper.make_node("If", ["flag"], ["z"], then_branch=branch, else_branch=branch))
    for name, values in (("inner", [1.0]), ("stray", [2.0])):
        model.graph.initializer.append(numpy_helper.from_array(np.array(values, np.float32), name))
    model.graph.initializer.append(numpy_helper.from_array(np.array(True), "flag"))
    graph = Graph(model)
    graph.sweep()
    assert sorted(graph.initializers) == ["flag", "inner", "w"]


def test_the_same_graph_gives_the_same_bytes() -> None:
    assert Graph(networks.attention()).bytes() == Graph.of(Graph(networks.attention()).bytes()).bytes()


def test_an_array_that_is_not_there_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        Graph(networks.matmul()).array("nothing")


def test_constants_of_the_oldest_files_are_constants_though_they_are_inputs() -> None:
    model = networks.matmul()
    model.ir_version = 3
    model.graph.input.append(helper.make_tensor_value_info("w", onnx.TensorProto.FLOAT, [32, 8]))
    graph = Graph(model)
    assert (graph.inputs, graph.model.ir_version) == (["x"], 4)
    assert list(graph.constants) == ["w"]
    onnx.checker.check_model(graph.model)
    requests = networks.requests(networks.matmul())
    np.testing.assert_array_equal(networks.answers(graph.model, requests), networks.answers(model, requests))


def test_domains_of_subgraphs_stay_imported() -> None:
    branch = helper.make_graph(
        [helper.make_node("QuickGelu", ["x"], ["out"], domain="com.microsoft")], "branch", [],
        [helper.make_tensor_value_info("out", onnx.TensorProto.FLOAT, None)],
    )  # fmt: skip
    model = networks.matmul()
    model.graph.node.append(helper.make_node("If", ["flag"], ["z"], then_branch=branch, else_branch=branch))
    model.opset_import.extend(helper.make_opsetid(domain, 1) for domain in ("com.microsoft", "other"))
    graph = Graph(model)
    graph.keep_domains()
    assert graph.domains() == {"", "com.microsoft"}
    assert [entry.domain for entry in graph.model.opset_import] == ["", "com.microsoft"]


def test_a_node_is_found_by_its_name() -> None:
    assert Graph(networks.attention()).node("down").op_type == "MatMul"
    with pytest.raises(KeyError, match="nothing"):
        Graph(networks.attention()).node("nothing")
