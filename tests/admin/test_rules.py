"""What the rules read off a graph: the bounds, and what is sound although it looks like harm."""

from collections.abc import Callable

import onnx
import pytest
from onnx import TensorProto, helper

from functions.admin import rules
from functions.admin.errors import Refused
from functions.admin.limits import Limits
from tests.admin.hostile_graphs import (
    ROWS,
    added,
    body,
    chain,
    declared,
    doubling,
    functions,
    integers,
    loop,
    nested,
    number,
    plus,
)
from tests.core import graphs
from tests.onnx_models import cases

LIMITS = Limits()


def refusal(model: onnx.ModelProto, limits: Limits = LIMITS) -> str:
    with pytest.raises(Refused) as refused:
        rules.check(model, limits)
    assert refused.value.check == "rules"
    return refused.value.reason


def computed() -> onnx.GraphProto:
    """The body of a loop that ends by its values."""
    less = helper.make_node("Less", ["v", "limit"], ["small"])
    limit = helper.make_tensor("limit", TensorProto.FLOAT, [], [100.0])
    return body(less, helper.make_node("Squeeze", ["small"], ["go"]), going="go", initializers=(limit,))


def shape_by_input() -> onnx.ModelProto:
    """As many elements as there are rows."""
    nodes = [helper.make_node("Shape", ["x"], ["s"]), helper.make_node("ConstantOfShape", ["s"], ["y"])]
    return graphs.model(nodes, {"x": ROWS}, {"y": ROWS})


SOUND: dict[str, Callable[[], onnx.ModelProto]] = {
    "a loop that counts": lambda: loop("some", "yes", body()),
    "a loop over the largest count, as exporters write `while`": lambda: loop("many", "yes", computed()),
    "a loop without a count that ends by its values": lambda: loop("", "yes", computed()),
    "a loop that never begins": lambda: loop("many", "no", body()),
    "a loop that ends after a trip": lambda: loop("many", "yes", body(going="no")),
    "a shape that the input decides": shape_by_input,
    "as many elements as there may be": lambda: added("ConstantOfShape", integers("s", LIMITS.elements)),
    "a range that ends before it begins": lambda: added("Range", number("a", 10**12), number("b", 0), number("c", 1)),
    "functions as deep as they may be": lambda: chain(100),
    "a function that is called a few times": lambda: doubling(10),
    "graphs as deep as they may be": lambda: nested(19),
}


@pytest.mark.parametrize("name", SOUND)
def test_what_is_sound_passes(name: str) -> None:
    rules.check(SOUND[name](), LIMITS)


@pytest.mark.slow
def test_every_model_of_the_onnx_package_passes() -> None:
    refused = []
    for case in cases.every():
        try:
            rules.check(onnx.load_from_string(case.model), LIMITS)
        except Refused as refusal:
            refused.append((case.name, refusal.reason))
    assert refused == []


@pytest.mark.parametrize("length", [101, 3000, 20000])
def test_functions_that_call_each_other_too_deeply_are_refused(length: int) -> None:
    expected = f"its functions call each other {length} deep; at most 100 are followed"
    assert refusal(chain(length)) == expected


def test_functions_that_call_themselves_are_named() -> None:
    assert refusal(functions(("f0", ["f0"]))) == "its functions call themselves: 'f0' -> 'f0'"
    ring = functions(("f0", ["f1"]), ("f1", ["f2"]), ("f2", ["f0"]))
    reason = refusal(ring)
    assert reason.startswith("its functions call themselves: ")
    assert {name for name in ("'f0'", "'f1'", "'f2'") if name in reason} == {"'f0'", "'f1'", "'f2'"}


def test_a_function_that_bears_the_name_of_an_operator_and_calls_it_calls_itself() -> None:
    model = functions(("f0", ["Relu"]))
    model.functions[0].domain = ""
    model.functions[0].name = "Relu"
    assert refusal(model) == "its functions call themselves: 'Relu' -> 'Relu'"


def test_nodes_are_counted_with_those_that_calls_stand_for() -> None:
    limits = LIMITS._replace(nodes=512)
    rules.check(doubling(10), limits)
    assert refusal(doubling(11), limits) == "with those of its functions it has more nodes than 512"
    many = plus(*[helper.make_node("Relu", ["x"], [f"r{index}"]) for index in range(511)])
    assert refusal(many, limits) == "with those of its functions it has more nodes than 512"


def test_functions_that_multiply_beyond_any_number_are_refused() -> None:
    bodies = [(f"f{index}", [f"f{index + 1}"] * 60) for index in range(90)]
    assert "more nodes" in refusal(functions(*bodies, ("f90", ["Relu"])))


def test_a_loop_inside_a_function_is_found() -> None:
    model = functions(("f0", ["Relu"]))
    trips = helper.make_node("Constant", [], ["m"], value=number("m", 2**62))
    model.functions[0].node.extend([trips, helper.make_node("Loop", ["m", "", "a"], ["z"], body=body())])
    assert refusal(model) == "its Loop 'z' runs 4.612e+18 times; expected at most 10000000"


def test_a_constant_that_an_inner_input_hides_is_none() -> None:
    inner = body(helper.make_node("ConstantOfShape", ["i"], ["z"]))
    model = loop("some", "yes", inner)
    model.graph.initializer.append(integers("i", 10**12))
    rules.check(model, LIMITS)


@pytest.mark.parametrize("operator", ["ConstantOfShape", "Expand", "Tile", "Range", "Resize", "Pad", "OneHot"])
def test_operators_without_their_inputs_are_for_others_to_refuse(operator: str) -> None:
    rules.check(plus(helper.make_node(operator, [], ["z"])), LIMITS)


def test_a_range_that_does_not_advance_is_for_others_to_refuse() -> None:
    rules.check(added("Range", number("a", 0), number("b", 9), integers("c", 0, 1)), LIMITS)


def test_a_division_by_a_constant_zero_is_as_large_as_can_be() -> None:
    divide = helper.make_node("Div", ["nine", "zero"], ["shape"])
    made = helper.make_node("ConstantOfShape", ["shape"], ["z"])
    model = plus(divide, made, initializers=(integers("nine", 9), integers("zero", 0)))
    assert refusal(model) == "the ConstantOfShape 'z' has inf elements; expected at most 250000000"


def test_a_tensor_is_refused_by_one_element_too_many() -> None:
    rules.check(declared(LIMITS.elements), LIMITS)
    assert refusal(declared(LIMITS.elements + 1)) == "a tensor has 2.5e+08 elements; expected at most 250000000"
