"""What is not kept of a request: by names of the stage and of the model, wherever in a body the values stand."""

from typing import Any

import pytest

from functions.core.manifest import Graph, Manifest
from functions.core.tensors import TensorSpec
from functions.predict.capturing import tensors
from functions.predict.capturing.redaction import Redaction, mark

NUMBER, GONE = {"redacted": "number"}, "Marked-Mustermann"
PERSON = {
    "kind": "tabular",
    "tensor": "rows",
    "features": [{"name": "age", "personal": True}, {"name": "income.monthly"}, {"name": "city", "type": "category"}],
}
STEPS = {"kind": "sequence", "features": [{"name": "pulse"}, {"name": "speed"}]}


def manifest(preprocess: dict[str, Any], *inputs: str, outputs: tuple[str, ...] = ("y",)) -> Manifest:
    sides = (inputs or ("rows",), outputs)
    takes, gives = (tuple(TensorSpec(name, "FP32", (-1, 2)) for name in side) for side in sides)
    graph = Graph("model.onnx", optimized=False)
    return Manifest("m", "", "", "", "", "", graph, takes, gives, preprocess, {}, {}, "")


def redaction(preprocess: dict[str, Any], *names: str, inputs: tuple[str, ...] = ("rows",)) -> Redaction:
    return Redaction(manifest(preprocess, *inputs), names)


def text(length: int) -> dict[str, Any]:
    return {"redacted": "string", "length": length}


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, None),
        (True, {"redacted": "boolean"}),
        (7, NUMBER),
        (7.5, NUMBER),
        ("abc", text(3)),
        ([1, [2]], {"redacted": "list", "length": 2}),
        ({"a": 1}, {"redacted": "object"}),
        ({"b64": "AAECAw=="}, {"redacted": "bytes", "length": 4}),
    ],
)
def test_a_value_leaves_its_kind_and_length(value: Any, shown: Any) -> None:
    assert mark(value) == shown


@pytest.mark.parametrize("names", [(), ("age",), ("nobody.has.this",)])
def test_a_personal_feature_is_hidden_by_name_and_by_place(names: tuple[str, ...]) -> None:
    hiding = redaction(PERSON, *names)
    named = {"age": 41, "income.monthly": 100, "city": "Ulm"}
    assert hiding.instance(named) == {"age": NUMBER, "income.monthly": 100, "city": "Ulm"}
    assert hiding.instance([41, 100, "Ulm"]) == [NUMBER, 100, "Ulm"]
    assert hiding.instance({"age": None, "city": "Ulm"}) == {"age": None, "city": "Ulm"}


def test_a_name_may_have_dots_of_its_own() -> None:
    hiding = redaction(PERSON, "income.monthly", "city")
    assert hiding.instance({"age": 1, "income.monthly": 9, "city": "Ulm"}) == {
        "age": NUMBER, "income.monthly": NUMBER, "city": text(3)
    }  # fmt: skip
    assert hiding.instance([1, 9, "Ulm"]) == [NUMBER, NUMBER, text(3)]


def test_the_value_of_the_only_feature_may_come_bare() -> None:
    only = {"kind": "tabular", "features": [{"name": "age"}]}
    hiding = redaction(only, "age", inputs=("age",))
    assert [hiding.instance(each) for each in (41, [41], {"age": 41})] == [NUMBER, [NUMBER], {"age": NUMBER}]


def test_members_that_the_contract_does_not_know_are_left_out() -> None:
    assert redaction(PERSON).instance({"city": "Ulm", GONE: GONE}) == {"city": "Ulm"}
    picture = {"kind": "image"}
    given = {"image": {"b64": "AAAA", GONE: GONE}, "name": GONE}
    assert redaction(picture).instance(given) == {"image": {"b64": "AAAA"}}
    assert redaction(PERSON).instance([GONE, GONE]) == {"redacted": "list", "length": 2}


@pytest.mark.parametrize("names", [("x",), ("rows",)])
def test_rows_of_tensors_are_hidden_by_the_name_of_the_input(names: tuple[str, ...]) -> None:
    hiding = redaction({}, *names, inputs=("rows",))
    shown = {"redacted": "list", "length": 2} if names == ("rows",) else [1, 2]
    assert hiding.instance([1, 2]) == shown
    assert hiding.instance({"rows": [1, 2]}) == {"rows": shown}
    assert hiding.hides_tensor("rows") is (names == ("rows",))
    several = redaction({}, "a", inputs=("a", "b"))
    assert several.instance({"a": [1], "b": [2]}) == {"a": {"redacted": "list", "length": 1}, "b": [2]}


def test_dots_lead_into_objects_and_through_lists() -> None:
    hiding = redaction({}, "a.address.street", inputs=("a", "b"))
    given = {"a": [{"address": {"street": GONE, "zip": 1}}, {"address": {"street": 5}}], "b": [{"street": 6}]}
    assert hiding.instance(given) == {
        "a": [{"address": {"street": text(len(GONE)), "zip": 1}}, {"address": {"street": NUMBER}}],
        "b": [{"street": 6}],
    }
    assert hiding.hides_tensor("a")
    assert not hiding.hides_tensor("b")


@pytest.mark.parametrize(("table", "names"), [({"personal": True}, ()), ({}, ("text",)), ({}, ("input_ids",))])
def test_of_a_text_its_length_stays(table: dict[str, Any], names: tuple[str, ...]) -> None:
    hiding = redaction({"kind": "text", **table}, *names, inputs=("input_ids", "attention_mask"))
    assert hiding.instance(GONE) == text(len(GONE))
    assert hiding.instance({"text": GONE}) == {"text": text(len(GONE))}
    assert hiding.hides_tensor("input_ids")
    assert hiding.hides_tensor("attention_mask")


def test_of_a_pair_one_may_stay_but_the_tokens_of_both_do_not() -> None:
    hiding = redaction({"kind": "text", "pair": True}, "pair", inputs=("input_ids",))
    assert hiding.instance({"text": "a", "pair": GONE}) == {"text": "a", "pair": text(len(GONE))}
    assert hiding.hides_tensor("input_ids")


@pytest.mark.parametrize(("table", "names"), [({"personal": True}, ()), ({}, ("image",)), ({}, ("rows",))])
def test_of_a_picture_its_size_stays(table: dict[str, Any], names: tuple[str, ...]) -> None:
    hiding = redaction({"kind": "image", **table}, *names)
    size = {"redacted": "bytes", "length": 4}
    assert hiding.instance({"image": {"b64": "AAECAw=="}}) == {"image": size}
    assert hiding.instance({"b64": "AAECAw=="}) == size
    assert hiding.instance([[1, 2]]) == {"redacted": "list", "length": 1}


@pytest.mark.parametrize("name", ["pulse", "sequence.pulse"])
def test_steps_are_hidden_feature_by_feature(name: str) -> None:
    hiding = redaction(STEPS, name)
    assert hiding.instance([{"pulse": 60, "speed": 2}, [61, 3]]) == [{"pulse": NUMBER, "speed": 2}, [NUMBER, 3]]
    assert hiding.instance({"sequence": [[61, 3]]}) == {"sequence": [[NUMBER, 3]]}
    assert hiding.hides_tensor("rows")
    whole = redaction(STEPS, "sequence")
    assert whole.instance([[61, 3]]) == {"redacted": "list", "length": 1}


def test_a_tensor_is_hidden_with_whatever_goes_into_it() -> None:
    several = {"kind": "tabular", "features": [{"name": "age", "tensor": "a"}, {"name": "city", "tensor": "b"}]}
    hiding = redaction(several, "age", inputs=("a", "b"))
    assert (hiding.hides_tensor("a"), hiding.hides_tensor("b")) == (True, False)
    backwards = redaction(several, "a", inputs=("a", "b"))
    assert backwards.instance({"age": 41, "city": 2}) == {"age": NUMBER, "city": 2}


@pytest.mark.parametrize("given", [[[41, 2]], {"rows": [[41, 2]]}])
def test_columns_are_hidden_whole(given: Any) -> None:
    about = manifest(PERSON)
    shown = tensors.columns(about.inputs, Redaction(about, ()), given)
    whole = {"redacted": "list", "length": 1}
    assert shown == ({"rows": whole} if type(given) is dict else whole)
    nothing = Redaction(manifest({}), ())
    assert tensors.columns(about.inputs, nothing, given) == given


def test_answers_are_hidden_where_the_stage_names_them() -> None:
    hiding = redaction(PERSON, "person.name", "y")
    given = {"label": "a", "person": {"name": GONE, "rank": 1}}
    assert hiding.prediction(given) == {"label": "a", "person": {"name": text(len(GONE)), "rank": 1}}
    assert hiding.hides_tensor("y")


def test_an_explanation_tells_nothing_of_what_is_hidden() -> None:
    words = {"score": 0.5, "attributions": [{"text": GONE, "value": 1}]}
    assert redaction({"kind": "text"}, "text").explanation(words) == {
        "score": 0.5, "attributions": {"redacted": "list", "length": 1}
    }  # fmt: skip
    features = {"score": 0.5, "attributions": {"age": 0.1}}
    assert redaction(PERSON).explanation(features) == {"score": 0.5, "attributions": {"redacted": "object"}}
    assert redaction({"kind": "text"}).explanation(words) == words
