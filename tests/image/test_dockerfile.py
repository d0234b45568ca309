"""What can be seen from functions/Dockerfile alone."""

import re
import subprocess

from tests.conftest import ROOT

TEXT = (ROOT / "functions" / "Dockerfile").read_text()
REQUIREMENTS = ROOT / "functions" / "requirements"
PIN = re.compile(r"^(\S+==\S+)", re.MULTILINE)
STAGES = re.split(r"^FROM ", TEXT, flags=re.MULTILINE)[1:]


def test_what_ships_runs_nothing_while_it_is_built() -> None:
    shipping = [stage for stage in STAGES if stage.startswith("--platform=${TARGETPLATFORM} ")]
    assert [re.findall(r"AS (\S+)", stage)[0] for stage in shipping] == ["admin", "batch", "console", "predict"]
    for stage in shipping:
        assert set(re.findall(r"^([A-Z]+) ", stage, re.MULTILINE)) <= {"COPY", "ENV", "USER", "CMD"}


def test_everything_else_runs_on_the_building_machine() -> None:
    names = [re.findall(r"(\S+) AS (\S+)", stage)[0] for stage in STAGES if "${TARGETPLATFORM} " not in stage]
    assert names[0] == ("${BUILDER}", "builder")
    known = {"builder"}
    for parent, name in names[1:]:
        assert parent in known
        known.add(name)


def test_what_changes_least_comes_first_and_all_images_that_run_models_begin_with_the_same_layer() -> None:
    layers = (re.findall(r"^COPY --from=(\S+)", stage, re.MULTILINE) for stage in STAGES[-4:])
    admin, batch, console, predict = layers
    assert admin == ["dependencies", "admin-dependencies", "admin-code"]
    assert batch == ["dependencies", "batch-dependencies", "batch-code", "models"]
    assert console == ["console-dependencies", "console-code"]
    assert predict == ["dependencies", "predict-code", "models"]


def test_the_console_ships_nothing_that_runs_models() -> None:
    names = {pin.partition("==")[0] for pin in pins("console")}
    assert {"fastapi", "mangum", "obstore", "orjson"} <= names
    assert not names & {"numpy", "onnx", "onnxruntime", "pillow", "pyarrow", "tokenizers"}


def test_what_admin_has_beside_predict_is_what_its_lock_has_beside_predicts_and_protobuf() -> None:
    predict, admin = (pins(name) for name in ("predict", "admin"))
    assert predict <= admin
    program = re.search(r"awk '(.*?)'", TEXT, re.DOTALL)
    assert program
    files = [REQUIREMENTS / f"{name}.txt" for name in ("predict", "admin")]
    more = subprocess.run(["awk", program[1], *files], capture_output=True, text=True, check=True).stdout
    protobuf = {pin for pin in predict if pin.startswith("protobuf==")}
    assert set(PIN.findall(more)) == admin - predict | protobuf
    assert len(protobuf) == 1


def test_what_batch_has_beside_predict_is_what_its_lock_has_beside_predicts() -> None:
    predict, batch = (pins(name) for name in ("predict", "batch"))
    assert predict <= batch
    stage = next(stage for stage in STAGES if stage.split("\n")[0].endswith(" AS batch-lock"))
    program = re.search(r"awk '(.*?)'", stage, re.DOTALL)
    assert program
    files = [REQUIREMENTS / f"{name}.txt" for name in ("predict", "batch")]
    more = subprocess.run(["awk", program[1], *files], capture_output=True, text=True, check=True).stdout
    assert set(PIN.findall(more)) == batch - predict


def test_no_stage_installs_what_is_not_locked() -> None:
    installs = re.findall(r"pip (?:install|wheel)(?:.|\\\n)*?(?=&&|;|\n(?! ))", TEXT)
    assert len(installs) == 8
    assert [line for line in installs if "--require-hashes" not in line] == ['pip install "$@" /wheels/*.whl']


def pins(name: str) -> set[str]:
    """What a lock pins."""
    return set(PIN.findall((REQUIREMENTS / f"{name}.txt").read_text()))
