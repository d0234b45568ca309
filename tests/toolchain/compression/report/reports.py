"""A report of a small compression, made up where numbers do not matter."""

from typing import Any

LAYERS = [
    {"layer": "first", "operator": "Gemm", "shape": [48, 32], "cosine": 0.9999, "error": 0.01},
    {"layer": "<last>", "operator": "Gemm", "shape": [4, 48], "cosine": None, "error": None},
]


def figure(metric: str, original: float, value: float, **more: Any) -> dict[str, Any]:
    """A metric with an interval around it."""
    drop = round(original - value, 6)
    bounds = {"low": value, "high": value, "drop_low": round(drop - 0.01, 6), "drop_high": round(drop + 0.01, 6)}
    return {"metric": metric, "original": original, "value": value, "drop": drop} | bounds | more


def measured(recipe: str, size: int, score: float | None, ms: float | None, refused: str = "") -> dict[str, Any]:
    """A recipe's figures."""
    times = {"ms_1": ms, "ms_32": None}
    figures = {"score": score, "drop": 0.0, "drop_high": 0.001, "agreement": 0.99}
    return {"recipe": recipe, "bytes": size, **figures, **times, "refused": refused}


def judged(architecture: str = "x86_64") -> dict[str, Any]:
    """What was measured on a machine."""
    lost = {"name": "a", "rows": 60, "metric": "accuracy", "original": 0.9, "value": 0.8, "drop": 0.1}
    return {
        "architecture": architecture,
        "machine": {"processor": "A <fast> one", "flags": ["avx512_vnni"], "cores": 2, "system": "Linux x86_64"},
        "versions": {"ortless": "0.1.0", "onnxruntime": "1.0"},
        "at": "2026-05-04T03:02:01+00:00",
        "passes": True,
        "reason": "",
        "sha256": "0" * 64,
        "bytes": {"original": 4_000_000, "compressed": 1_000_000},
        "compiled_bytes": {"original": 4_000_100, "compressed": 1_000_100},
        "latency": {"original": {"ms_1": 2.0, "ms_32": None}, "compressed": {"ms_1": 0.8, "ms_32": None}},
        "figures": [
            figure("accuracy", 0.9, 0.89),
            figure("agreement", 1.0, 0.99),
            figure("spearman", 1.0, 0.998, low=None, high=None, drop_low=None, drop_high=None),
        ],
        "classes": [{"label": "a", "rows": 60, "original": 0.9, "compressed": 0.8}],
        "slices": [{**lost, "name": "b", "drop": 0.0, "value": 0.9}, lost],
        "worst_slice": lost,
        "confusion": {
            "rows": "label",
            "labels": ["a", "b"],
            "original": [[5, 1], [0, 6]],
            "compressed": [[4, 2], [0, 6]],
        },
    }


def report() -> dict[str, Any]:
    """As report.json has it."""
    tried = [
        measured("half", 0, None, None, "it cannot & will not") | {"lost": "it cannot & will not"},
        measured("dynamic-int8", 1_000_000, 0.89, 0.8) | {"lost": ""},
        measured("weight-only(bits=4)", 700_000, 0.7, None, "accuracy drops") | {"lost": "accuracy drops"},
        measured("compact", 3_900_000, 0.9, 1.9) | {"lost": "it passes, and is larger"},
    ]
    return {
        "format": 1,
        "model": "net",
        "task": "classification",
        "title": "A <net>",
        "command": "ortless compress net --max-drop 1%",
        "architecture": "x86_64",
        "seed": 0,
        "budget_seconds": None,
        "stopped": "",
        "target": "size",
        "passes": [],
        "gate": {"metric": "accuracy", "max_drop": 0.02, "agreement": 0.98, "max_bytes": None, "max_ms": None,
                 "rows": 120, "draws": 1000, "interval": "95 %"},
        "data": {"evaluation": {"file": "evaluation.jsonl", "sha256": "1" * 64, "rows": 120, "labels": True},
                 "calibration": None},
        "chosen": {"recipe": "dynamic-int8", "notes": ["dynamic-int8: 2 layers <of> 2"], "file": "compressed.onnx"},
        "evaluations": {"x86_64": judged()},
        "original": measured("", 4_000_000, 0.9, 2.0),
        "front": [measured("dynamic-int8", 1_000_000, 0.89, 0.8), measured("compact", 3_900_000, 0.9, 1.9)],
        "tried": tried,
        "sensitivity": {"layers": LAYERS, "reason": ""},
        "files": {"model.onnx": {"sha256": "2" * 64, "bytes": 4_000_000}},
    }  # fmt: skip
