"""Writes docs/reference from the code, so that it cannot say anything else: `make docs`."""

import ast
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import fields
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
REFERENCE = ROOT / "docs" / "reference"
NOTE = "<!-- Generated from the code by `make docs`. -->\n"
VERBS = (
    *("new", "import", "check", "build", "compress", "evaluate", "compare", "report"),
    *("publish", "promote", "canary", "shadow", "rollback", "history", "models", "rm", "gc"),
    *("predict", "batch", "jobs", "redrive", "plan", "image"),
    *("keys create", "keys list", "keys rotate", "keys revoke", "doctor", "smoke", "stop", "resume"),
    *("restore", "captured", "sbom", "images", "reference", "drift"),
)
STAGES = (
    ("A stage", "Stage", "infra/stages.py"),
    ("`throttle`", "Throttle", "infra/stages.py"),
    ("`tiers`, each of them", "Tier", "infra/tier.py"),
    ("`functions`, each of them", "OwnFunction", "infra/own_function.py"),
    ("`delivery`", "Delivery", "infra/delivery_rights.py"),
    ("`backup`", "Backup", "infra/backup.py"),
    ("`capture`", "Capture", "infra/capture.py"),
    ("`budget`", "Spending", "infra/spending.py"),
    ("`drift`", "DriftSettings", "infra/drift_settings.py"),
    ("`monitoring`", "MonitoringSettings", "infra/monitoring/settings.py"),
    ("`domain`", "Domain", "infra/domain.py"),
    ("`web_acl`", "Firewall", "infra/firewall.py"),
    ("`private`", "PrivateAccess", "infra/private_access.py"),
    ("`vpc`", "Network", "infra/network.py"),
    ("`allowed`", "Admission", "infra/admission.py"),
    ("`console_cdn`", "ConsoleCdn", "infra/console_cdn.py"),
)
"""Headings, and the class and file of the settings below each."""
_GIVEN = {"Stage": ("name",)}
"""Fields that no setting gives: a stage's name is where it stands."""
COMMANDS = {
    "ortless": ("toolchain", VERBS),
    "python -m local": ("local", ("run", "up", "status", "dashboard", "down")),
}


def main() -> None:
    """Write every page."""
    REFERENCE.mkdir(exist_ok=True)
    for name, content in pages().items():
        (REFERENCE / name).write_text(content)


def pages() -> dict[str, str]:
    """The pages by file name."""
    return {
        "settings.md": _settings(),
        "stages.md": _stages(),
        "errors.md": _errors(),
        "compression.md": _compression(),
        "commands.md": _commands(),
        "local.md": _local(),
        "metrics.md": _metrics(),
    }


def _settings() -> str:
    rows = [
        (f"`ORTLESS_{name.upper()}`", f"`{default}`", text)
        for name, default, text in _fields(ROOT / "functions/core/settings.py", "Settings")
        if name not in ("memory_mb", "cache")
    ]
    head = "# Environment variables of a function\n\nThe stack sets them; lists are comma-separated.\n\n"
    return NOTE + head + _table(("variable", "default", "what it means"), rows)


def _stages() -> str:
    parts = ["# Settings of a stage\n\nUnder `stages` in cdk.json; what is not given has its default.\n"]
    for title, kind, file in STAGES:
        fields = _fields(ROOT / file, kind)
        rows = [
            (f"`{name}`", f"`{default}`", text) for name, default, text in fields if name not in _GIVEN.get(kind, ())
        ]
        parts.append(f"## {title}\n\n" + _table(("setting", "default", "what it means"), rows))
    return NOTE + "\n".join(parts)


def _errors() -> str:
    from functions.batch import errors as of_batch
    from functions.batch.jobs import errors as of_jobs
    from functions.batch.jobs.app import STATUSES as OF_JOBS
    from functions.console import errors as of_console
    from functions.console.app import STATUSES as OF_CONSOLE
    from functions.core import errors
    from functions.predict.problem import STATUSES

    statuses = OF_CONSOLE | OF_JOBS | STATUSES
    found = [kind for module in (of_console, of_batch, of_jobs, errors) for kind in vars(module).values()]
    known = [kind for kind in found if isinstance(kind, type) and issubclass(kind, errors.OrtlessError)]
    kinds = {kind.code: kind for kind in known}.values()  # several parts may have an error of one code
    rows = [
        (f"`{kind.code}`", str(statuses[kind.code]), (kind.__doc__ or "").splitlines()[0])
        for kind in sorted(kinds, key=lambda kind: (statuses.get(kind.code, 0), kind.code))
        if kind.code in statuses
    ]
    head = '# Errors of the API\n\nEvery one is `{"error": "<what, where>", "code": "<stable code>"}`.\n\n'
    return NOTE + head + _table(("code", "status", "when"), rows)


def _compression() -> str:
    from toolchain.compression.passes.table import PASSES

    parts = ["# Compression\n\n## Passes\n\nRecipes are of these, one after the other; `--passes` takes their names.\n"]
    rows = [
        (f"`{name}`", one.summary, "sample requests" if one.calibration else "", _options(one.options))
        for name, one in PASSES.items()
    ]
    parts.append(_table(("pass", "what it does", "needs", "options"), rows))
    parts.append("## The samples\n\nWhat `ortless compress` chose, from each sample's `report.json`; one thread.\n")
    reports = sorted(ROOT.glob("model_artifacts/*/report.json"))
    judged = [row for path in reports for row in _judged(json.loads(path.read_text()))]
    head = ("model", "ships", "smaller", "faster, 1 row", "faster, 32 rows", "metric", "before", "after", "measured on")
    parts.append(_table(head, judged))
    return NOTE + "\n".join(parts)


def _options(kind: type[Any]) -> str:
    return ", ".join(f"`{field.name}={field.default}`" for field in fields(kind))


def _judged(report: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    for name, judged in report["evaluations"].items():
        size, times = judged["bytes"], judged["latency"]
        metric = next(figure for figure in judged["figures"] if figure["metric"] == judged["gate"]["metric"])
        faster = (
            f"{times['original'][field] / times['compressed'][field]:.2f} x" if times["original"][field] else ""
            for field in ("ms_1", "ms_32")
        )
        yield (
            f"[{report['model']}](../../model_artifacts/{report['model']}/CARD.md)",
            f"`{report['chosen']['recipe']}`" if report["chosen"]["recipe"] else "the original",
            f"{size['original'] / size['compressed']:.2f} x",
            *faster,
            metric["metric"],
            f"{metric['original']:.4g}",
            f"{metric['value']:.4g}",
            name,
        )


def _local() -> str:
    from local.differences import DIFFERENCES

    head = "# Where the embedded cloud differs from AWS\n\nOf what the stack asks for, as far as is known.\n\n"
    return NOTE + head + _table(("feature", "on this machine", "instead"), DIFFERENCES)


def _metrics() -> str:
    from functions.core.telemetry import METRICS, NAMESPACE, dimensions

    rows = [
        (f"`{name}`", unit, "; ".join(", ".join(by) or "the stage" for by in dimensions(name, failed=True)), meaning)
        for name, (unit, meaning) in METRICS.items()
    ]
    place = f"In CloudWatch's namespace `{NAMESPACE}/<stage>`; each set of dimensions is a metric of its own."
    head = f"# Metrics\n\n{place}\n\n"
    return NOTE + head + _table(("metric", "unit", "by", "what it counts or measures"), rows)


def _commands() -> str:
    parts = ["# Commands\n"]
    for name, (module, verbs) in COMMANDS.items():
        for verb in verbs:
            command = [sys.executable, "-m", module, *verb.split(), "--help"]
            variables = {"COLUMNS": "100", "NO_COLOR": "1", "TERM": "dumb", "PATH": ""}
            done = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, check=True)
            text = "\n".join(line.rstrip() for line in done.stdout.strip().splitlines())
            parts.append(f"## `{name} {verb}`\n\n```text\n{text}\n```\n")
    return NOTE + "\n".join(parts)


def _fields(path: Path, kind: str) -> Iterator[tuple[str, str, str]]:
    """Name, default and docstring of each field of a class, as they stand in its source."""
    tree = ast.parse(path.read_text())
    body = next(node.body for node in tree.body if isinstance(node, ast.ClassDef) and node.name == kind)
    constants = dict(_constants(tree))
    for node, after in zip(body, [*body[1:], ast.Pass()], strict=True):
        if not isinstance(node, ast.AnnAssign) or not isinstance(node.target, ast.Name):
            continue
        text = ast.get_docstring(ast.Module([after], [])) or ""
        yield node.target.id, _default(node.value, constants), " ".join(text.split())


def _constants(tree: ast.Module) -> Iterator[tuple[str, object]]:
    """The names that a module gives to plain values."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
            yield from ((name.id, node.value.value) for name in node.targets if isinstance(name, ast.Name))


def _default(value: ast.expr | None, constants: dict[str, object]) -> str:
    if isinstance(value, ast.Call):
        name = value.func.id if isinstance(value.func, ast.Name) else ""
        if name == "field":
            return "see below"
        if name == "text":
            return "null"
        return "[]" if name == "texts" else _json(value.args[0], constants)
    return _json(value, constants) if value is not None else ""


def _json(value: ast.expr, constants: dict[str, object]) -> str:
    text = ast.unparse(value)
    with suppress(NameError):  # a name that comes from elsewhere stays one
        text = str(eval(text, {**constants}))  # noqa: S307 - literals of our own source, products included
    return {"None": "null", "True": "true", "False": "false", "()": "[]", "": '""'}.get(text, text)


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines) + "\n"


if __name__ == "__main__":
    main()
