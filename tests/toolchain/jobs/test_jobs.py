"""`ortless jobs` and `redrive` in processes of their own, against the API of jobs in memory."""

import json
from pathlib import Path

import pytest

from tests.toolchain.jobs.caller import FIRST, batch, run
from tests.toolchain.jobs.server import KEY, OTHER_KEY, Server
from tests.toolchain.test_lifecycle_verbs import cells
from toolchain.client import Address
from toolchain.jobs.api import Jobs, Keyed


def test_jobs_are_listed_newest_first_and_only_ones_own(server: Server, file: Path) -> None:
    for _ in range(3):
        batch(server, file, "--no-watch")
    run(server, "batch", file, "--model", "iris-svm", "--no-watch", "--key", OTHER_KEY, "--version", "2")
    own = [f"{at:032x}" for at in (2, 1, 0)]
    rows = [[job, "iris-svm", file.name, "running", "2026-05-04 03:02:01"] for job in own]
    assert cells(run(server, "jobs").stdout) == [["job", "model", "file", "state", "made (UTC)"], *rows]
    assert cells(run(server, "jobs", "--limit", "2").stdout)[1:] == rows[:2]
    assert [job["id"] for job in json.loads(run(server, "jobs", "--json").stdout)] == own
    everybody = cells(run(server, "jobs", "--admin").stdout)[1:]
    assert everybody[0][:3] == [f"{3:032x}", "iris-svm@2", f"iris-svm/jobs/{3:032x}/{file.name}"]
    assert len(everybody) == 4
    assert run(server, "jobs", "--key", OTHER_KEY, f"{0:032x}").stderr == (
        f"error (api_refused): There is no job '{FIRST}' [404 unknown_job]\n"
    )


def test_ids_are_whole_on_a_narrow_terminal_and_an_empty_list_is_said_to_be_one(server: Server, file: Path) -> None:
    assert run(server, "jobs").stderr == "There are none.\n"
    batch(server, file, "--no-watch")
    assert FIRST in run(server, "jobs", COLUMNS="60").stdout


def test_all_jobs_are_more_than_an_answer_has(server: Server, file: Path) -> None:
    batch(server, file, "--no-watch")
    jobs = Jobs(Keyed(Address(server.url, KEY)))
    for _ in range(249):
        jobs.create("iris-svm", {"file": "a.csv"})
    assert len(json.loads(run(server, "jobs", "--all", "--json").stdout)) == 250
    assert server.calls[-3:] == ["GET /v1/jobs"] * 3
    assert len(json.loads(run(server, "jobs", "--limit", "101", "--json").stdout)) == 101


def test_one_job_is_described(server: Server, file: Path) -> None:
    batch(server, file, "--no-watch")
    assert cells(run(server, "jobs", FIRST).stdout)[1:] == [
        ["job", FIRST],
        ["model", "iris-svm"],
        ["file", file.name],
        ["state", "running"],
        ["made (UTC)", "2026-05-04 03:02:01"],
        ["began (UTC)", "2026-05-04 03:02:01"],
        ["progress", "3 of 7 rows, 0 of 1 pieces"],
        ["cost", "0.000125 USD, at a guess"],
    ]
    described = cells(run(server, "jobs", FIRST, "--admin").stdout)
    assert ["answered", "7 of 7 rows"] in described
    assert ["file", f"iris-svm/jobs/{FIRST}/{file.name}"] in described
    assert json.loads(run(server, "jobs", FIRST, "--json").stdout)["state"] == "done"


@pytest.mark.parametrize("signed", [(), ("--admin",)])
def test_a_job_is_cancelled_once(server: Server, file: Path, signed: tuple[str, ...]) -> None:
    batch(server, file, "--no-watch")
    done = run(server, "jobs", "--cancel", FIRST, *signed)
    assert done.returncode == 0, done.stderr
    assert ["state", "cancelled"] in cells(done.stdout)
    again = run(server, "jobs", FIRST, "--cancel", *signed)
    assert again.returncode == 1
    assert f"The job {FIRST} is cancelled [409" in again.stderr
    watched = run(server, "jobs", FIRST, "--watch", *signed)
    assert watched.returncode == 1
    assert watched.stderr.endswith(f"error (job_cancelled): The job {FIRST} was cancelled: it has no results\n")


def test_an_operator_follows_a_job_signed(server: Server, file: Path) -> None:
    batch(server, file, "--no-watch")
    server.scripted[f"GET /admin/jobs/{FIRST}"] = [(503, b"{}")]
    done = run(server, "jobs", FIRST, "--watch", "--admin", "--to", file.parent)
    assert (done.returncode, done.stdout) == (0, f"{file.parent / 'spring flowers.results.jsonl'}\n"), done.stderr
    done = run(server, "jobs", "--admin", AWS_SECRET_ACCESS_KEY="another")
    assert done.stderr.startswith("error (access_denied): ")


def test_a_redrive_says_what_came_back(server: Server) -> None:
    done = run(server, "redrive", "--dry-run")
    assert cells(done.stdout)[1:] == [["announcements of files", "3"], [f"large job {'b' * 32}", "1"]]
    assert done.stderr == "Nothing was begun again. Without --dry-run, what is shown is.\n"
    done = run(server, "redrive", "--json")
    assert json.loads(done.stdout) == {"messages": 3, "restarted": ["b" * 32], "dry_run": False}
    assert server.redrives == [True, False]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("jobs", "mine"), "expected a job's id, 32 hexadecimal digits - got 'mine'"),
        (("jobs", "--cancel"), "give the id of a job"),
        (("jobs", "--watch"), "give the id of a job"),
        (("jobs", FIRST, "--watch", "--cancel"), "give --cancel or --watch, not both"),
        (("batch", "rows.csv"), "Missing option '--model'"),
        (("batch", "rows.csv", "--model", "m", "--format", "xml"), "'xml' is not one of"),
    ],
)
def test_wrong_usage_is_told_before_anything_is_called(
    server: Server, arguments: tuple[str, ...], message: str
) -> None:
    done = run(server, *arguments)
    assert done.returncode == 2
    assert message in " ".join(done.stderr.replace("│", " ").split())
    assert server.calls == []
