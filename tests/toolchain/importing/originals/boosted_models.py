"""Fits what the tests of XGBoost and LightGBM import, and writes the samples beside it."""

import sys
from pathlib import Path

import joblib
import lightgbm
import numpy as np
import pandas as pd
import xgboost
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

ROWS = 400


def main() -> None:
    folder = Path(sys.argv[1])
    draws = np.random.default_rng(0)
    port = pd.Categorical(draws.choice(["C", "Q", "S"], ROWS))
    frame = pd.DataFrame(
        {"amount": draws.gamma(2, 100, ROWS).round(2), "age": draws.integers(18, 80, ROWS), "port": port}
    )
    frame["age"] = frame["age"].astype(float).where(draws.random(ROWS) > 0.1)
    late = ((frame.amount > 150) | (frame.port == "Q")).astype(int)
    frame.assign(late=late).to_csv(folder / "loans.csv", index=False)
    numbers = frame[["amount", "age"]]
    bands = np.digitize(frame.amount, [100, 250])
    xgb = {
        "binary.ubj": xgboost.XGBClassifier(n_estimators=20).fit(numbers, late),
        "several.json": xgboost.XGBClassifier(n_estimators=20).fit(numbers.to_numpy(), bands),
        "amount.ubj": xgboost.XGBRegressor(n_estimators=20).fit(numbers, frame.amount),
        "counts.ubj": xgboost.XGBRegressor(n_estimators=5, objective="count:poisson").fit(numbers, late),
        "stopped.ubj": xgboost.XGBClassifier(n_estimators=60, early_stopping_rounds=2).fit(
            numbers[:300], late[:300], eval_set=[(numbers[300:], late[300:])], verbose=False
        ),
        "dart.ubj": xgboost.XGBClassifier(n_estimators=5, booster="dart").fit(numbers, late),
        "words.ubj": xgboost.XGBClassifier(n_estimators=5, enable_categorical=True).fit(frame, late),
    }
    for name, model in xgb.items():
        model.save_model(folder / name)
    (folder / "damaged.ubj").write_bytes((folder / "binary.ubj").read_bytes()[:500])
    quiet = {"n_estimators": 20, "verbose": -1}
    lgbm = {
        "late.txt": lightgbm.LGBMClassifier(**quiet, min_data_per_group=1).fit(frame, late),
        "bands.txt": lightgbm.LGBMClassifier(**quiet).fit(numbers.to_numpy(), bands),
        "value.txt": lightgbm.LGBMRegressor(**quiet).fit(numbers, frame.amount),
    }
    for name, model in lgbm.items():
        model.booster_.save_model(folder / name)
    scaled = make_pipeline(StandardScaler(), xgboost.XGBClassifier(n_estimators=5)).fit(numbers, late)
    joblib.dump(scaled, folder / "scaled.joblib")


if __name__ == "__main__":
    main()
