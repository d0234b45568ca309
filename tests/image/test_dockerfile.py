"""What can be seen from functions/Dockerfile alone."""

import re

from tests.conftest import ROOT

TEXT = (ROOT / "functions" / "Dockerfile").read_text()
STAGES = re.split(r"^FROM ", TEXT, flags=re.MULTILINE)[1:]


def test_what_ships_runs_nothing_while_it_is_built() -> None:
    shipping = [stage for stage in STAGES if stage.startswith("--platform=${TARGETPLATFORM} ")]
    assert [re.findall(r"AS (\S+)", stage)[0] for stage in shipping] == ["predict"]
    for stage in shipping:
        assert set(re.findall(r"^([A-Z]+) ", stage, re.MULTILINE)) <= {"COPY", "ENV", "USER", "CMD"}


def test_everything_else_runs_on_the_building_machine() -> None:
    names = [re.findall(r"(\S+) AS (\S+)", stage)[0] for stage in STAGES if "${TARGETPLATFORM} " not in stage]
    assert names[0] == ("${BUILDER}", "builder")
    known = {"builder"}
    for parent, name in names[1:]:
        assert parent in known
        known.add(name)


def test_models_come_after_code_and_code_after_dependencies() -> None:
    sources = re.findall(r"^COPY --from=(\S+)", STAGES[-1], re.MULTILINE)
    assert sources == ["dependencies", "predict-code", "models"]


def test_no_stage_installs_what_is_not_locked() -> None:
    installs = re.findall(r"pip (?:install|wheel)(?:.|\\\n)*?(?=&&|;|\n(?! ))", TEXT)
    assert len(installs) == 5
    assert [line for line in installs if "--require-hashes" not in line] == ['pip install "$@" /wheels/*.whl']
