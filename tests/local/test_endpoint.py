"""The record that scripts read: whole or not there, and for its owner's eyes only."""

import json
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from local.endpoint import Credentials, Endpoint
from local.state import State, read_json, write_json

RECORD = Endpoint(
    endpoint_url="http://127.0.0.1:4566",
    port=4566,
    pid=1,
    stack="ortless-local",
    api_url="http://127.0.0.1:4566/_aws/execute-api/a/local",
    api_key="key",
    models_bucket="models",
    operator=Credentials("id", "secret"),
    context={"stage": "local"},
    outputs={"ApiUrl": "https://a.execute-api.us-east-1.amazonaws.com/local"},
)


@pytest.fixture
def state(tmp_path: Path) -> State:
    state = State(tmp_path / "state")
    state.create()
    return state


@pytest.mark.parametrize("record", [RECORD, Endpoint("http://127.0.0.1:1", 1, 2)])
def test_record_reads_back_as_it_was_written(state: State, record: Endpoint) -> None:
    record.write(state)
    assert Endpoint.read(state) == record


def test_only_its_owner_may_read_it(state: State) -> None:
    state.endpoint.touch(mode=0o644)
    RECORD.write(state)
    assert state.endpoint.stat().st_mode & 0o777 == 0o600
    assert state.temporary.stat().st_mode & 0o777 == 0o700


def test_a_reader_sees_the_old_or_the_new_record(state: State) -> None:
    RECORD.write(state)
    done = threading.Event()

    def rewrite() -> None:
        for number in range(300):
            replace(RECORD, outputs={"x": "x" * (number * 50)}).write(state)
        done.set()

    writer = threading.Thread(target=rewrite)
    writer.start()
    while not done.is_set():
        assert json.loads(state.endpoint.read_text())["api_key"] == "key"
    writer.join()


def test_a_write_that_fails_leaves_the_old_record_and_no_other_file(state: State) -> None:
    RECORD.write(state)
    with pytest.raises(TypeError):
        write_json(state.endpoint, {"api_key": object()})
    assert Endpoint.read(state) == RECORD
    assert [path.name for path in state.directory.iterdir() if path.is_file()] == ["endpoint.json"]


@pytest.mark.parametrize("content", ["", "{", "[]"])
def test_what_is_no_record_counts_as_none(state: State, content: str) -> None:
    state.endpoint.write_text(content)
    assert read_json(state.endpoint) is None
    assert Endpoint.read(state) is None
