"""XGBoost's and LightGBM's estimators within scikit-learn pipelines: their converters, made known to skl2onnx."""

import sys
from typing import Any

from toolchain.importing.optional import load

GROUP = "boosting"
KINDS = {
    "XGBClassifier": ("xgboost", "XGBoostXGBClassifier", "XGBoost", "classifier"),
    "XGBRegressor": ("xgboost", "XGBoostXGBRegressor", "XGBoost", "regressor"),
    "LGBMClassifier": ("lightgbm", "LightGbmLGBMClassifier", "LightGbm", "classifier"),
    "LGBMRegressor": ("lightgbm", "LightGbmLGBMRegressor", "LightGbm", "regressor"),
}
CHOICES: dict[str, list[Any]] = {"nocl": [True, False], "zipmap": [True, False, "columns"]}


def register() -> None:
    """Make converters known for estimators of libraries that a pickle has imported. Raises MissingPackage."""
    for name, (library, alias, converter, kind) in KINDS.items():
        if library in sys.modules and hasattr(sys.modules[library], name):
            _register(getattr(sys.modules[library], name), alias, converter, kind)


def _register(known: type, alias: str, converter: str, kind: str) -> None:
    folder = "onnxmltools.convert." + converter.lower()
    converters = load(f"{folder}.operator_converters.{converter}", GROUP)
    shapes = load("skl2onnx.common.shape_calculator", "sklearn")
    shape = getattr(shapes, f"calculate_linear_{kind}_output_shapes")
    options = CHOICES if kind == "classifier" else {"split": None} if converter == "LightGbm" else {}
    load("skl2onnx", "sklearn").update_registered_converter(
        known, alias, shape, getattr(converters, f"convert_{converter.lower()}"), options=options
    )
