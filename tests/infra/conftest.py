"""Each stage and variant is synthesized once per session."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from infra.app import default_context
from tests.infra.assembly import ROOT, Assembly, run_app

Synthesized = Callable[..., Assembly]


@pytest.fixture(scope="session")
def synthesized(tmp_path_factory: pytest.TempPathFactory) -> Synthesized:
    """The assembly of a stage of cdk.json, with some of its settings changed."""
    made: dict[str, Assembly] = {}

    def synthesize(stage: str = "dev", **changes: Any) -> Assembly:
        stages = default_context()["stages"]
        stages[stage].update(changes)
        context = {"stage": stage, "stages": {stage: stages[stage]}}
        key = json.dumps(context)
        if key not in made:
            outdir = tmp_path_factory.mktemp(stage)
            run = run_app(ROOT, outdir, context)
            assert (run.returncode, run.stderr) == (0, "")
            made[key] = Assembly(outdir)
        return made[key]

    return synthesize
