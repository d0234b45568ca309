"""The API Gateway event that every contestant gets, around a body."""

import json
from pathlib import Path
from typing import Any

TEMPLATE = Path(__file__).resolve().parents[1] / "tests" / "events" / "rest_predict_linear.json"


def post(path: str, body: object) -> dict[str, Any]:
    """A POST of a JSON body as API Gateway's REST API hands it to a function."""
    event: dict[str, Any] = json.loads(TEMPLATE.read_text())
    event |= {"path": path, "resource": path, "pathParameters": None, "body": json.dumps(body)}
    event["isBase64Encoded"] = False
    event["requestContext"]["path"] = f"/prod{path}"
    return event
