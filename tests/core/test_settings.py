"""What a function is told by its environment."""

import pytest

from functions.core.errors import InvalidSetting
from functions.core.settings import Settings, environment


def test_what_is_rendered_for_a_function_is_what_the_function_reads() -> None:
    values = {
        "model_bucket": "b",
        "models": ("iris-svm", "digits-cnn"),
        "preload": True,
        "refresh_seconds": 5.0,
        "max_body_bytes": 10,
        "cors_origins": ("https://a.example",),
    }
    assert Settings.from_environment(environment(**values)) == Settings(**values)  # type: ignore[arg-type]


def test_an_empty_environment_gives_the_defaults() -> None:
    assert Settings.from_environment({}) == Settings()


@pytest.mark.parametrize(("memory", "threads"), [("128", 1), ("1769", 1), ("3538", 2), ("10240", 6)])
def test_threads_are_what_the_share_of_cpu_can_keep_busy(memory: str, threads: int) -> None:
    assert Settings.from_environment({"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": memory}).intra_op_threads == threads


def test_threads_are_as_many_as_the_function_is_told() -> None:
    told = {"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "10240", "ORTLESS_THREADS": "2"}
    assert Settings.from_environment(told).intra_op_threads == 2


@pytest.mark.parametrize(
    ("variable", "value", "expected"),
    [
        ("ORTLESS_PRELOAD", "yes", "true or false"),
        ("ORTLESS_REFRESH_SECONDS", "soon", "a value of type float"),
        ("ORTLESS_MAX_BODY_BYTES", "6 MB", "a value of type int"),
    ],
)
def test_a_value_of_the_wrong_type_names_the_variable(variable: str, value: str, expected: str) -> None:
    with pytest.raises(InvalidSetting) as refused:
        Settings.from_environment({variable: value})
    assert str(refused.value) == f"Expected {expected} - got {value!r} - in the environment variable {variable}"


def test_a_name_that_is_no_setting_is_refused() -> None:
    with pytest.raises(TypeError, match="modle_bucket"):
        environment(modle_bucket="b")
