"""The answer to the known question that is most like a new one."""

from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from functions.core.errors import InvalidInput, InvalidPackage
from functions.core.predictor import Predictor
from functions.core.processing.declaration import Declaration
from functions.core.processing.outputs.nearest import Nearest
from tests.core.processing.outputs import answers, loaded, passing

TOML = 'kind = "nearest"\nvectors = "answers.npy"\nanswers = "answers.json"\n'
ENTRIES = [
    {"answer": "east", "questions": ["E?"]},
    {"answer": "north", "questions": ["N?", "up?"], "link": "maps/n"},
    {"answer": "west", "questions": ["W?"]},
]
VECTORS = np.array([[5, 0], [0, 1], [3, 4], [-2, 0]], np.float32)
NAN = float("nan")


def npy(vectors: Any, *, allow_pickle: bool = False) -> bytes:
    stream = BytesIO()
    np.save(stream, vectors, allow_pickle=allow_pickle)
    return stream.getvalue()


def files(entries: Any = ENTRIES, vectors: Any = VECTORS) -> dict[str, bytes]:
    return {"answers.json": orjson.dumps(entries), "answers.npy": npy(vectors)}


def compass(tmp_path: Path, toml: str = "") -> Predictor:
    return loaded(tmp_path, passing("n", 2), TOML + toml, files())


def test_the_nearest_answer_comes_with_the_next_ones_and_what_else_is_said_of_them(tmp_path: Path) -> None:
    east, west = {"answer": "east", "score": 0.6}, {"answer": "west", "score": -0.6}
    north = {"answer": "north", "score": 1.0, "link": "maps/n"}
    assert answers(compass(tmp_path), [[30, 40]]) == [
        {"answer": "north", "score": 1.0, "candidates": [north, east, west]}
    ]
    predictor = compass(tmp_path / "best", "top_k = 1\n")
    assert answers(predictor, [[30, 40], [0, 9]]) == [{"answer": "north", "score": 1.0, "candidates": [north]}] * 2
    assert predictor.predict([[30, 40]], parameters={"top_k": 2})[0]["candidates"] == [north, east]


def test_below_the_threshold_there_is_no_answer_but_candidates(tmp_path: Path) -> None:
    predictor = compass(tmp_path, "threshold = 0.9\ntop_k = 1\n")
    assert answers(predictor, [[4, -3]]) == [
        {"answer": None, "score": 0.8, "candidates": [{"answer": "east", "score": 0.8}]}
    ]
    assert answers(predictor, [[4, -3]], {"threshold": 0.5})[0]["answer"] == "east"
    assert answers(predictor, [[4, -3]], {"threshold": -1, "top_k": 9})[0]["candidates"][2]["answer"] == "west"


def test_a_zero_vector_is_like_nothing_and_one_that_is_no_number_unlike_all(tmp_path: Path) -> None:
    predictor = compass(tmp_path, "threshold = 0.1\ntop_k = 1\n")
    assert answers(predictor, [[0, 0], [NAN, 1]]) == [
        {"answer": None, "score": 0.0, "candidates": [{"answer": "east", "score": 0.0}]},
        {"answer": None, "score": None, "candidates": [{"answer": "east", "score": None}]},
    ]
    zero = loaded(
        tmp_path / "zero", passing("n", 2), TOML, files(vectors=VECTORS * np.array([[0], [1], [1], [1]], np.float32))
    )
    assert answers(zero, [[1, 0]])[0]["candidates"][1] == {"answer": "east", "score": 0.0}


def test_an_answers_score_can_be_explained(tmp_path: Path) -> None:
    postprocess: Any = compass(tmp_path).postprocess
    assert postprocess.targets == ("east", "north", "west")
    np.testing.assert_allclose(postprocess.scores([np.array([[8, 6]])]), [[0.8, 0.96, -0.8]], rtol=1e-6)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"metric": "dot"}, "Expected only the parameters top_k, threshold - got 'metric' - at `parameters.metric`"),
        ({"threshold": -2}, "Expected a number from -1 to 1 - got -2 - at `parameters.threshold`"),
    ],
)
def test_a_wrong_parameter_is_refused(tmp_path: Path, parameters: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        compass(tmp_path).predict([[0, 1]], parameters=parameters)
    assert str(refused.value) == message


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"answers.json": b"[}"}, "expected a file of JSON - got"),
        (files(entries={}), "at `postprocess.answers`"),
        (files(entries=[]), "at `postprocess.answers`"),
        (files(entries=[{"questions": ["?"]}]), "expected a string - got None - at `postprocess.answers[0].answer`"),
        (files(entries=[{"answer": "a", "questions": []}]), "at `postprocess.answers[0].questions`"),
        (files(entries=[{"answer": "a", "questions": [1]}]), "at `postprocess.answers[0].questions`"),
        (files(entries=ENTRIES + ENTRIES[:1]), "expected different answers - got \"one of them twice: 'east'\""),
        (files(entries=ENTRIES[:2]), "expected float32 of shape [3, width], one row for each question"),
        (files(vectors=VECTORS.astype(float)), "got 'float64 of shape [4, 2]' - at `postprocess.vectors`"),
        (files(vectors=VECTORS[0]), "got 'float32 of shape [2]' - at `postprocess.vectors`"),
        (files(vectors=np.ones((4, 3), np.float32)), "expected columns for a tensor of shape [-1, 2] - got 3"),
        (files(vectors=VECTORS * np.float32(NAN)), "expected finite numbers - got 'NaN or an infinity'"),
        ({"answers.npy": npy(np.array([None] * 4), allow_pickle=True)}, "without objects"),
        ({"answers.npy": b"not an array"}, "expected a file of NumPy's format .npy"),
        ({"answers.npy": npy(VECTORS)[:-1]}, "expected a file of NumPy's format .npy"),
        ({"answers.npy": b""}, "expected a file of NumPy's format .npy"),
    ],
)
def test_a_file_that_does_not_fit_is_refused(tmp_path: Path, changed: dict[str, bytes], message: str) -> None:
    with pytest.raises(InvalidPackage) as refused:
        loaded(tmp_path, passing("n", 2), TOML, files() | changed)
    assert message in str(refused.value)


@pytest.mark.filterwarnings("ignore")  # numpy warns of what looks like its older formats
def test_vectors_that_are_damaged_anywhere_are_refused_or_others(tmp_path: Path) -> None:
    package = compass(tmp_path).package
    sound = npy(VECTORS)

    @settings(max_examples=300, deadline=None)
    @given(st.integers(0, len(sound) - 1), st.binary(min_size=1, max_size=3))
    @example(sound.index(b"(4, 2)"), b"(")
    @example(sound.index(b"(4, 2)"), b"[[")
    @example(sound.index(b"4, 2)"), b"9" * 12)
    def damaged(place: int, content: bytes) -> None:
        Path(package.path("answers.npy")).write_bytes(sound[:place] + content + sound[place + len(content) :])
        try:
            targets = Nearest(Declaration(package, "postprocess")).targets
        except InvalidPackage as refused:
            assert "at `postprocess.vectors`" in str(refused)  # noqa: PT017 - most are refused, the rest are vectors
        else:
            assert targets == ("east", "north", "west")

    damaged()


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        (TOML + "top_k = 4\n", "expected an integer from 1 to 3 - got 4 - at `postprocess.top_k`"),
        (TOML + "threshold = 2\n", "expected a number from -1 to 1 - got 2.0 - at `postprocess.threshold`"),
        (TOML.replace("vectors = ", "vector = "), "expected the name of a file of the package - got None"),
        (TOML.replace("answers.json", "other.json"), "other.json"),
    ],
)
def test_a_declaration_that_does_not_fit_is_refused(tmp_path: Path, toml: str, message: str) -> None:
    with pytest.raises(InvalidPackage) as refused:
        loaded(tmp_path, passing("n", 2), toml, files())
    assert message in str(refused.value)
