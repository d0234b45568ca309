"""`ortless plan` as somebody runs it."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.toolchain.test_cli import ortless

STEADY = ("plan", "--memory", "512,1769", "--warm", "20ms", "--cold", "400ms")


def plan(*arguments: str) -> Any:
    done = ortless(*STEADY, *arguments, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_json_has_every_option_with_its_costs_and_what_was_assumed() -> None:
    found = plan("--rps", "5", "--latency", "30ms", "--payload", "2kB", "--answer", "500")
    assert [(each["memory_mb"], each["start"]) for each in found["options"]] == [
        (size, start) for size in (512, 1769) for start in ("on demand", "SnapStart", "provisioned")
    ]
    choice = found["choice"]
    assert (choice["memory_mb"], choice["start"], choice["basis"]) == (1769, "on demand", "assumed")
    assert choice["dollars_per_month"] == pytest.approx(sum(choice["lines"].values()), abs=0.01)
    assert choice["dollars_per_million"] == pytest.approx(choice["dollars_per_month"] / (5 * 2.628), rel=0.01)
    assert found["traffic"]["request_bytes"] == 2000
    assert found["traffic"]["answer_bytes"] == 500
    assert found["assumptions"]["within_ms"] == 30
    assert found["prices"]["region"] == "us-east-1"
    assert not any(found["architectures"][name]["measured"] for name in ("arm64", "x86_64"))


def test_the_same_question_has_the_same_answer() -> None:
    assert plan() == plan()


def test_a_table_fits_a_terminal_and_numbers_go_to_stdout_words_to_stderr() -> None:
    done = ortless(*STEADY, "--latency", "30ms", COLUMNS="80")
    assert max(len(line) for line in done.stdout.splitlines()) <= 80
    lines = done.stdout.splitlines()
    assert "$/million" in lines[0]
    assert [line for line in lines if "cheapest" in line and "1769" in line and "on demand" in line]
    assert "over 30 ms" in done.stdout
    assert "Times are assumed" in done.stderr
    assert "List prices of" in done.stderr


def test_where_nothing_is_fast_enough_the_verb_fails_and_still_shows_why() -> None:
    done = ortless(*STEADY, "--latency", "5ms")
    assert done.returncode == 1
    assert done.stdout.count("over 5 ms") == 6


def test_a_trace_is_simulated_and_told_over_time(tmp_path: Path) -> None:
    path = tmp_path / "day.csv"
    path.write_text("time,count\n" + "".join(f"{minute * 60},{10 if minute % 20 else 0}\n" for minute in range(240)))
    found = plan("--trace", str(path))
    assert found["trace"]["requests"] == 228 * 10
    assert found["traffic"]["rps"] == pytest.approx(2280 / (240 * 60), rel=0.01)
    for option in found["options"]:
        assert sum(option["outcomes"].values()) == 2280
    shown = ortless(*STEADY, "--trace", str(path))
    assert "over time" in shown.stdout
    assert "\N{LOWER ONE EIGHTH BLOCK}" in shown.stdout


def test_a_limit_refuses_requests_of_a_trace(tmp_path: Path) -> None:
    path = tmp_path / "rush.jsonl"
    path.write_text("".join(f'{{"time": {second}, "duration_ms": 900}}\n' for second in range(3) for _ in range(20)))
    done = ortless(*STEADY, "--trace", str(path), "--concurrency", "10", "--provisioned", "4", "--json")
    assert done.returncode == 1, "no way to start answers all of them"
    found = json.loads(done.stdout)
    on_demand = found["options"][0]
    assert on_demand["outcomes"]["concurrency limit"] == on_demand["refused_requests"] > 0
    assert on_demand["refused"].startswith("refuses ")
    assert found["options"][2]["kept_ready"] == 4


def test_a_page_is_written(tmp_path: Path) -> None:
    path = tmp_path / "plan.html"
    done = ortless(*STEADY, "--html", str(path))
    assert f"The page is {path}" in done.stderr
    assert path.read_text().startswith("<!doctype html>")
    assert f"ortless plan --memory 512,1769 --warm 20ms --cold 400ms --html {path}" in path.read_text()
    assert ortless(*STEADY, "--html", str(tmp_path / "none" / "plan.html")).returncode == 1


def test_an_account_is_shown_by_its_limits() -> None:
    found = json.loads(ortless("plan", "--account", "--rps", "50000", "--warm", "20ms", "--json").stdout)
    limits = {limit["what"]: limit["value"] for limit in found["limits"]}
    assert limits["requests a second, by the gateway"] == 10_000
    assert limits["keys"] == 10_000
    assert found["needs"]["accounts_as_they_are"] == 5
    shown = ortless("plan", "--account").stdout
    assert "API Gateway: throttle: 10,000" in shown


def test_a_model_is_timed_here_and_says_so() -> None:
    done = ortless("plan", "--package", "linear-regression", "--memory", "1769", "--rounds", "1", "--json")
    found = json.loads(done.stdout)
    (timings,) = found["timings"]
    assert (timings["basis"], timings["architecture"]) == ("measured", found["choice"]["architecture"])
    assert "quota" in timings["means"] or "duty cycle" in timings["means"]
    assert found["architectures"][timings["architecture"]]["measured"]
    assert any(note.startswith(f"Timed on {timings['architecture']}, and true of no other") for note in found["notes"])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--memory", "100"), "expected MB from 128 to 10240, like 512,1769 - got '100'"),
        (("--memory", "big"), "got 'big'"),
        (("--warm", "0ms"), "expected a time above nought"),
        (("--latency", "20"), "expected a time like 20ms or 1.5s - got '20'"),
        (("--payload", "2 cats"), "expected a size like 800, 2kB or 1MB - got '2 cats'"),
        (("--idle", "15m-5m"), "expected two times that rise, like 5m-15m - got '15m-5m'"),
    ],
)
def test_what_cannot_be_understood_is_a_usage_error(arguments: tuple[str, str], words: str) -> None:
    done = ortless("plan", *arguments)
    assert done.returncode == 2
    assert words in " ".join(done.stderr.replace("│", " ").split())


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--payload", "5MB"), "Expected at most 4718592 bytes of a request"),
        (("--trace", "no-such-file"), "error (unusable_trace): Expected a text file - got No such file"),
        (("--package", "no-such-model"), "error (no_folder)"),
    ],
)
def test_what_cannot_be_planned_is_an_error_with_a_hint(arguments: tuple[str, str], words: str) -> None:
    done = ortless("plan", *arguments)
    assert done.returncode == 1
    assert words in done.stderr
    assert "hint:" in done.stderr
