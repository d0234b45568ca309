"""The validator as Lambda runs it: a process with nothing but its environment."""

import subprocess
import sys
from pathlib import Path

import orjson

from functions.admin import uploads, versions
from functions.core.settings import environment
from functions.core.store import ObjectStore
from tests.admin.submissions import NAME, accepted, submit
from tests.conftest import BUCKET, ROOT

CODE = """
import ctypes, json, sys
from functions.admin.validator import handler
for order in json.loads(sys.argv[1]):
    handler(order, None)
print(ctypes.CDLL(None).prctl(3))
"""


def test_orders_are_carried_out_once_and_those_of_nothing_are_let_go(
    store: ObjectStore, moto: str, tmp_path: Path
) -> None:
    upload = submit(accepted(), store)
    bad = submit(accepted(2) | {"golden.json": b"{"}, store)
    trace = "0af7651916cd43dd8448eb211c80319c"
    known = {"upload": upload.id, "model": NAME, "trace": trace}
    orders = [known, known, {"upload": bad.id, "model": NAME}, {"upload": "0" * 32, "model": NAME}]
    aws = {"ENDPOINT_URL": moto, "ACCESS_KEY_ID": "test", "SECRET_ACCESS_KEY": "test", "REGION": "us-east-1"}
    done = subprocess.run(
        [sys.executable, "-c", CODE, orjson.dumps(orders).decode()],
        cwd=ROOT, capture_output=True, check=True, text=True,
        env={
            **{f"AWS_{name}": value for name, value in aws.items()},
            **environment(model_bucket=BUCKET, cache=str(tmp_path / "cache")),
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "3008",
        },
    )  # fmt: skip
    version = versions.read(NAME, 1, store)
    assert (version.accepted, store.names(f"packages/{NAME}/")) == (True, ["1"])
    assert (uploads.state(upload, store)["state"], uploads.state(bad, store)["state"]) == ("accepted", "refused")
    told = [orjson.loads(line) for line in done.stderr.splitlines()]
    passed = {"event": "upload_validated", "model": NAME, "accepted": True, "reason": ""}
    passed |= {"upload": upload.id, "version": 1, "digest": version.manifest.digest, "trace": trace}
    assert told[:2] == [passed, passed]
    assert (told[2]["accepted"], told[2]["version"], told[2]["reason"][:7]) == (False, None, "golden:")
    assert (told[3]["event"], "trace" in told[3]) == ("upload_unknown", False)
    # No process of the same user can read the memory or the environment of this one.
    assert done.stdout == "0\n"
