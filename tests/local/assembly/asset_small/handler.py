"""A function that answers with what it was asked, and says so in its log."""

import json
import sys
from typing import Any


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Echo the path and body of a request that came through the gateway."""
    sys.stderr.write(json.dumps({"message": "answered", "path": event["path"]}) + "\n")
    return {
        "statusCode": 200,
        "headers": {"content-type": "application/json"},
        "body": json.dumps({"path": event["path"], "body": event.get("body")}),
    }
