"""A handler that only runs the model."""

import json
import os
from typing import Any

import numpy as np
import onnxruntime

session = onnxruntime.InferenceSession(os.environ["MODEL_PATH"])
input_name = session.get_inputs()[0].name


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    rows = np.array(json.loads(event["body"])["data"], dtype=np.float32)
    values = session.run(None, {input_name: rows})
    return {"statusCode": 200, "body": json.dumps({"prediction": values[0].tolist()})}
