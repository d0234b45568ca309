"""Texts become the tokens that a model was trained on; what it could not see is refused."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

from functions.core.errors import InvalidInput, InvalidPackage
from functions.core.explaining.explanation import Options, explain
from functions.core.predictor import Predictor
from functions.core.processing.inputs.text import WORD
from functions.core.settings import Settings
from functions.packaging.build import build
from tests.core import graphs

WORDS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "good", "bad", "film", "##s", "春", "眠")
PAD, UNK, CLS, SEP, GOOD, BAD, FILM, PLURAL, SPRING, SLEEP = range(len(WORDS))
TEXT = '[preprocess]\nkind = "text"\ntokenizer = "tokenizer.json"\n'
INPUTS = ("input_ids", "attention_mask", "token_type_ids")


def tokenizer() -> Tokenizer:
    made = Tokenizer(models.WordPiece({word: index for index, word in enumerate(WORDS)}, unk_token="[UNK]"))
    made.normalizer = normalizers.BertNormalizer()
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    made.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", CLS), ("[SEP]", SEP)]
    )
    return made


def counter(inputs: tuple[str, ...] = INPUTS, element: int = TensorProto.INT64) -> Any:
    """y [rows, 1] = how often a text says "good", less how often "bad"; every input is read, to no effect."""
    nodes, signs = [], {GOOD: "goods", BAD: "bads"}
    for word, name in signs.items():
        value = helper.make_tensor(f"{name}_id", element, [], [word])
        nodes += [
            helper.make_node("Constant", [], [f"{name}_id"], value=value),
            helper.make_node("Equal", ["input_ids", f"{name}_id"], [f"{name}_at"]),
            helper.make_node("Cast", [f"{name}_at"], [f"{name}_seen"], to=TensorProto.FLOAT),
        ]
    nodes += [
        helper.make_node("Sub", ["goods_seen", "bads_seen"], ["marks"]),
        helper.make_node("Constant", [], ["axis"], value=helper.make_tensor("axis", TensorProto.INT64, [1], [1])),
        helper.make_node("ReduceSum", ["marks", "axis"], ["y"], keepdims=1),
    ]
    tokens = (element, ["rows", "tokens"])
    return graphs.model(nodes, dict.fromkeys(inputs, tokens), {"y": (TensorProto.FLOAT, ["rows", 1])})


def load(folder: Path, toml: str = TEXT, graph: Any = None) -> Predictor:
    source = graphs.source(
        folder, "texts", graph or counter(), toml + '[postprocess]\nkind = "regression"\ntensor = "y"\n'
    )
    tokenizer().save(str(source / "tokenizer.json"))
    (source / "words.txt").write_text("no tokenizer")
    return Predictor(build(source, folder / "packages"), Settings())


@pytest.fixture
def predictor(tmp_path: Path) -> Predictor:
    return load(tmp_path)


def test_a_text_becomes_tokens_a_mask_and_types(predictor: Predictor) -> None:
    feeds = predictor.preprocess.encode(["Good films"], "instances")
    assert {name: value.tolist() for name, value in feeds.items()} == {
        "input_ids": [[CLS, GOOD, FILM, PLURAL, SEP]],
        "attention_mask": [[1, 1, 1, 1, 1]],
        "token_type_ids": [[0, 0, 0, 0, 0]],
    }
    assert {value.dtype for value in feeds.values()} == {np.dtype(np.int64)}


def test_texts_of_different_lengths_are_padded_to_the_longest(predictor: Predictor) -> None:
    feeds = predictor.preprocess.encode(["good", {"text": "春眠"}], "instances")
    assert feeds["input_ids"].tolist() == [[CLS, GOOD, SEP, PAD], [CLS, SPRING, SLEEP, SEP]]
    assert feeds["attention_mask"].tolist() == [[1, 1, 1, 0], [1, 1, 1, 1]]


def test_padding_to_the_full_length_is_declared(tmp_path: Path) -> None:
    feeds = load(tmp_path, TEXT + 'max_length = 6\npadding = "max_length"\npad = 9\n').preprocess.encode(["good"], "i")
    assert feeds["input_ids"].tolist() == [[CLS, GOOD, SEP, 9, 9, 9]]
    assert feeds["attention_mask"].tolist() == [[1, 1, 1, 0, 0, 0]]


@pytest.mark.parametrize(
    ("side", "tokens"), [("end", [CLS, GOOD, BAD, SEP]), ("start", [CLS, FILM, PLURAL, SEP])], ids=["end", "start"]
)
def test_a_long_text_loses_the_declared_end(tmp_path: Path, side: str, tokens: list[int]) -> None:
    predictor = load(tmp_path, f'{TEXT}max_length = 4\ntruncation = "{side}"\n')
    assert predictor.preprocess.encode(["good bad films"], "i")["input_ids"].tolist() == [tokens]


def test_a_long_text_is_refused_where_that_is_declared(tmp_path: Path) -> None:
    predictor = load(tmp_path, f'{TEXT}max_length = 4\ntruncation = "refuse"\n')
    with pytest.raises(InvalidInput, match=r"Expected at most 4 tokens - got 5 - at `instances\[1\]`"):
        predictor.predict(["good", "good bad film"])
    with pytest.raises(InvalidInput, match=rf"at most {4 * WORD} characters - got 5000 - at `instances\[0\]\.text`"):
        predictor.predict([{"text": "good " * 1000}])


def test_megabytes_of_text_are_cut_before_they_are_tokenized(predictor: Predictor) -> None:
    (answer,) = predictor.predict(["good " * 1_000_000])
    assert answer == 510  # max_length is 512, and two tokens are special


def test_a_pair_has_types_and_counts_both_texts(tmp_path: Path) -> None:
    predictor = load(tmp_path, TEXT + "pair = true\n")
    feeds = predictor.preprocess.encode([{"text": "good", "pair": "bad film"}, {"text": "春", "pair": "眠"}], "i")
    assert feeds["input_ids"].tolist() == [[CLS, GOOD, SEP, BAD, FILM, SEP], [CLS, SPRING, SEP, SLEEP, SEP, PAD]]
    assert feeds["token_type_ids"].tolist() == [[0, 0, 0, 1, 1, 1], [0, 0, 0, 1, 1, 0]]
    with pytest.raises(InvalidInput, match=r"an object of text and pair - got \['text'\] - at `instances\[0\]`"):
        predictor.predict([{"text": "good"}])


def test_a_model_without_mask_and_types_gets_tokens_only_in_its_datatype(tmp_path: Path) -> None:
    feeds = load(tmp_path, graph=counter(("input_ids",), TensorProto.INT32)).preprocess.encode(["good"], "i")
    assert list(feeds) == ["input_ids"]
    assert feeds["input_ids"].dtype == np.int32


@pytest.mark.parametrize(
    ("instance", "message"),
    [
        (7, "Expected a text - got 7 - at `instances[1]`"),
        ({"text": None}, "Expected a text - got None - at `instances[1].text`"),
        ({"txt": "good"}, "Expected an object of text - got ['txt'] - at `instances[1]`"),
        ("", "Expected a text - got '' - at `instances[1]`"),
    ],
)
def test_what_is_no_text_is_refused(predictor: Predictor, instance: object, message: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        predictor.predict(["good", instance])
    assert str(refused.value).endswith(message)


def test_unknown_tokens_are_accepted_unless_the_package_refuses_them(tmp_path: Path) -> None:
    assert load(tmp_path / "accepts").predict(["a good film", "qqq ¿", " "]) == [1.0, 0.0, 0.0]
    predictor = load(tmp_path / "refuses", TEXT + 'unknown = "refuse"\n')
    assert predictor.predict(["good film"]) == [1.0]
    with pytest.raises(InvalidInput, match=r"got 'plot' at character 5 - at `instances\[0\]\.text`"):
        predictor.predict(["good plot"])


def test_more_texts_than_memory_has_room_for_are_refused(tmp_path: Path) -> None:
    predictor = load(tmp_path, TEXT + 'max_length = 16384\npadding = "max_length"\n')
    with pytest.raises(InvalidInput, match=r"Expected at most 512 instances, .* - got 513 - at `instances`"):
        predictor.predict(["good"] * 513)


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        (TEXT.replace("tokenizer.json", "model.onnx"), "no file that ships with a model can be called 'model.onnx'"),
        (TEXT.replace("tokenizer.json", "words.txt"), "expected a tokenizer file"),
        (TEXT.replace("tokenizer.json", "none.json"), "expected the name of a file"),
        (TEXT + "max_length = 2\n", "an integer from 3 to 16384 - got 2 - at `preprocess.max_length`"),
        (TEXT + "pair = 1\n", "expected true or false - got 1 - at `preprocess.pair`"),
        (TEXT + 'ids = "tokens"\n', "expected one of ['input_ids', 'attention_mask', 'token_type_ids'] - got 'tokens'"),
    ],
)
def test_a_declaration_that_cannot_hold_is_refused(tmp_path: Path, toml: str, message: str) -> None:
    with pytest.raises(InvalidPackage) as refused:
        load(tmp_path, toml)
    assert message in str(refused.value)


def test_words_are_weighed_by_leaving_each_out(predictor: Predictor) -> None:
    (found,) = explain(predictor, ["Good film, 春 bad"], Options(), "instances")
    assert (found["method"], found["score"], found["baseline"], found["error"]) == ("occlusion", 0.0, 0.0, 0.0)
    assert found["attributions"] == [
        {"text": "Good", "start": 0, "end": 4, "value": 1.0},
        {"text": "film", "start": 5, "end": 9, "value": 0.0},
        {"text": ",", "start": 9, "end": 10, "value": 0.0},
        {"text": "春", "start": 11, "end": 12, "value": 0.0},
        {"text": "bad", "start": 13, "end": 16, "value": -1.0},
    ]
    assert found["runs"] == 7


def test_more_words_than_the_budget_are_weighed_in_groups(predictor: Predictor) -> None:
    (found,) = explain(predictor, ["good " * 100], Options(budget=12), "instances")
    assert found["runs"] == 12
    assert [entry["value"] for entry in found["attributions"]] == [10.0] * 10
    assert found["attributions"][1] == {"text": ("good " * 10).strip(), "start": 50, "end": 99, "value": 10.0}


def test_the_words_of_a_pair_say_which_text_they_are_of(tmp_path: Path) -> None:
    predictor = load(tmp_path, TEXT + "pair = true\n")
    (found,) = explain(predictor, [{"text": "good", "pair": "bad"}], Options(), "instances")
    assert found["attributions"] == [
        {"text": "good", "field": "text", "start": 0, "end": 4, "value": 1.0},
        {"text": "bad", "field": "pair", "start": 0, "end": 3, "value": -1.0},
    ]


@given(texts=st.lists(st.text(max_size=60), min_size=1, max_size=8))
def test_a_text_gets_the_same_tokens_alone_and_in_any_company(texts: list[str], shared: Predictor) -> None:
    known = [f"good {text}" for text in texts]
    together = shared.preprocess.encode(known, "instances")
    for index, text in enumerate(known):
        alone = shared.preprocess.encode([text], "instances")
        length = alone["input_ids"].shape[1]
        np.testing.assert_array_equal(together["input_ids"][index, :length], alone["input_ids"][0])
        assert together["attention_mask"][index].sum() == length
        expected = tokenizer().encode(text).ids
        assert alone["input_ids"][0].tolist() == expected


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Predictor:
    return load(tmp_path_factory.mktemp("shared"))
