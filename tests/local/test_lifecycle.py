"""Up, down and what can come between, with real processes and the smallest stack."""

import json
import os
import signal
import subprocess
import sys

import pytest

from local.processes import Process
from tests.local.laptop import Laptop


def test_up_detached_answers_until_down(laptop: Laptop, assembly: str) -> None:
    up = laptop.local("up", "--detach", "--json", "--assembly", assembly)
    assert up.returncode == 0, up.stderr
    endpoint = json.loads(up.stdout)
    assert endpoint == laptop.endpoint
    assert (endpoint["stack"], endpoint["region"]) == ("Small", "us-east-1")
    assert endpoint["operator"].keys() == {"access_key_id", "secret_access_key"}
    assert (laptop.state / "endpoint.json").stat().st_mode & 0o777 == 0o600
    assert laptop.ask() == {"path": "/hello", "body": None}
    assert json.loads(laptop.local("status", "--json").stdout) == endpoint

    assert laptop.local("down").returncode == 0
    assert laptop.leftovers() == []
    status = laptop.local("status", "--json")
    assert (status.returncode, status.stdout) == (3, "null\n")
    assert "Nothing was running" in laptop.local("down").stderr


def test_second_up_prints_the_endpoint_of_the_first(laptop: Laptop) -> None:
    laptop.local("up", "--detach", "--bare")
    second = laptop.local("up", "--detach", "--bare", "--json")
    assert (second.returncode, json.loads(second.stdout)) == (0, laptop.endpoint)
    assert "Already running" in second.stderr


def test_second_up_that_asks_for_something_else_is_refused(laptop: Laptop) -> None:
    laptop.local("up", "--detach", "--bare")
    variants = {"port = ": ["--bare", "--port", "1"], "context = {}": ["--bare", "--context", "a=1"], "bare = True": []}
    for difference, asked in variants.items():
        second = laptop.local("up", "--detach", *asked)
        assert second.returncode == 1
        assert f"already running with {difference}" in second.stderr


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_run_leaves_nothing_behind(laptop: Laptop, assembly: str, stop: signal.Signals) -> None:
    run = laptop.start("run", "--assembly", assembly)
    laptop.ask()
    assert len(laptop.processes()) >= 2  # the cloud and a function
    run.send_signal(stop)
    run.send_signal(stop)  # an impatient one changes nothing
    _, errors = run.communicate(timeout=20)
    assert run.returncode == 0, errors
    assert laptop.leftovers() == []


def test_interrupt_on_the_way_up_leaves_nothing_behind(laptop: Laptop, assembly: str) -> None:
    run = laptop.start("run", "--assembly", assembly, until=lambda: (laptop.state / "cloud.json").exists())
    run.send_signal(signal.SIGTERM)
    _, errors = run.communicate(timeout=20)
    assert run.returncode == 128 + signal.SIGTERM, errors
    assert laptop.leftovers() == []


def test_down_finds_a_cloud_whose_start_was_killed(laptop: Laptop, assembly: str) -> None:
    run = laptop.start("run", "--assembly", assembly, until=lambda: bool(laptop.processes()))
    run.kill()
    run.communicate()
    laptop.local("down")
    assert laptop.leftovers() == []


def test_run_follows_the_logs(laptop: Laptop, assembly: str) -> None:
    run = laptop.start("run", "--assembly", assembly)
    for path in ("/first", "/second", "/third"):
        laptop.ask(path)
    assert run.stderr
    lines = []
    for line in iter(run.stderr.readline, ""):
        lines += [line] if "answered" in line else []
        if "/third" in line:
            break
    run.send_signal(signal.SIGINT)
    lines += [line for line in run.communicate(timeout=20)[1].splitlines() if "answered" in line]
    paths = [json.loads(line.partition(" ")[2])["path"] for line in lines]
    assert paths == ["/first", "/second", "/third"]


def test_foreground_ends_when_the_cloud_is_taken_down(laptop: Laptop) -> None:
    up = laptop.start("up", "--bare")
    laptop.local("down")
    _, errors = up.communicate(timeout=20)
    assert up.returncode == 0, errors


def test_foreground_says_so_when_the_cloud_breaks_down(laptop: Laptop) -> None:
    up = laptop.start("up", "--bare")
    os.kill(laptop.pid, signal.SIGKILL)
    _, errors = up.communicate(timeout=20)
    assert up.returncode == 1
    assert "ended by itself" in errors


def test_failed_deployment_takes_the_cloud_down_and_says_why(laptop: Laptop, broken_assembly: str) -> None:
    up = laptop.local("up", "--detach", "--assembly", broken_assembly)
    assert up.returncode == 1
    assert "Wish" in up.stderr
    assert "AWS::Wishes::Wish" in up.stderr
    assert "Traceback" not in up.stderr
    assert laptop.leftovers() == []


def test_down_cleans_up_after_a_killed_run(laptop: Laptop, assembly: str) -> None:
    run = laptop.start("run", "--assembly", assembly)
    laptop.ask()
    run.kill()
    run.communicate()
    assert laptop.processes()
    assert laptop.local("status").returncode == 3
    assert "Stopped" in laptop.local("down").stderr
    assert laptop.leftovers() == []


def test_down_finds_functions_that_outlived_a_killed_cloud(laptop: Laptop, assembly: str) -> None:
    laptop.local("up", "--detach", "--assembly", assembly)
    laptop.ask()
    [function] = set(laptop.processes()) - {laptop.pid}
    os.kill(function, signal.SIGSTOP)  # it cannot notice that its cloud is gone
    os.kill(laptop.pid, signal.SIGKILL)
    assert laptop.local("status").returncode == 3
    laptop.local("down")
    assert laptop.leftovers() == []


def test_next_up_replaces_what_a_killed_run_left(laptop: Laptop) -> None:
    run = laptop.start("up", "--bare")
    left = laptop.pid
    run.kill()
    run.communicate()
    up = laptop.local("up", "--detach", "--bare")
    assert up.returncode == 0, up.stderr
    assert "earlier run" in up.stderr
    assert laptop.processes() == [laptop.pid] != [left]


def test_a_stranger_that_got_the_pid_is_left_alone(laptop: Laptop) -> None:
    laptop.local("up", "--detach", "--bare")
    os.kill(laptop.pid, signal.SIGKILL)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as stranger:
        record = json.loads((laptop.state / "cloud.json").read_text())
        record["process"]["pid"] = stranger.pid
        (laptop.state / "cloud.json").write_text(json.dumps(record))
        assert laptop.local("status").returncode == 3
        laptop.local("down")
        assert Process.of(stranger.pid).alive()
        stranger.communicate()
    assert laptop.leftovers() == []


def test_two_clouds_side_by_side_do_not_disturb_each_other(
    laptop: Laptop, second_laptop: Laptop, assembly: str
) -> None:
    for machine in (laptop, second_laptop):
        assert machine.local("up", "--detach", "--assembly", assembly).returncode == 0
    assert laptop.endpoint
    assert second_laptop.endpoint
    assert laptop.endpoint["port"] != second_laptop.endpoint["port"]
    assert laptop.endpoint["models_bucket"] != second_laptop.endpoint["models_bucket"]
    laptop.local("down")
    assert second_laptop.ask("/still")["path"] == "/still"


def test_taken_port_names_its_holder(laptop: Laptop, second_laptop: Laptop) -> None:
    laptop.local("up", "--detach", "--bare")
    assert laptop.endpoint
    up = second_laptop.local("up", "--bare", "--port", str(laptop.endpoint["port"]))
    assert up.returncode == 1
    assert f"is taken by pid {laptop.pid} (" in up.stderr


def test_two_starts_at_once_make_one_cloud(laptop: Laptop) -> None:
    command = [sys.executable, "-m", "local", "up", "--detach", "--bare", "--json", "--state", str(laptop.state)]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    answers = [process.communicate(timeout=30) for process in both]
    assert [process.returncode for process in both] == [0, 0], answers
    assert json.loads(answers[0][0]) == json.loads(answers[1][0])
    assert laptop.processes() == [laptop.pid]
