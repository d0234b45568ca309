"""Fits what the tests of scikit-learn import, and writes the samples beside it."""

import sys
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
from own_steps import Unknown
from sklearn.calibration import CalibratedClassifierCV
from sklearn.cluster import KMeans
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier, IsolationForest, RandomForestRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.multioutput import MultiOutputClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler
from sklearn.svm import SVC

ROWS, KEPT = 300, 200
WORDS = ["port", "sex"]


def passengers() -> pd.DataFrame:
    draws = np.random.default_rng(0)
    age = draws.normal(40, 12, ROWS).round(1).clip(1, 90)
    frame = pd.DataFrame(
        {
            "age": age,
            "fare": draws.gamma(2, 20, ROWS).round(2),
            "port": draws.choice(["C", "Q", "S"], ROWS).astype(object),
            "sex": draws.choice(["female", "male"], ROWS),
            "deck": draws.integers(1, 5, ROWS),
            "ticket": draws.integers(1, 10_000, ROWS),
        }
    )
    frame["survived"] = np.where(frame.fare + 30 * (frame.sex == "female") > 60, "yes", "no")
    frame.loc[::7, "age"] = np.nan
    frame.loc[::11, "port"] = np.nan
    return frame


def columns(encoder: object, numbers: object) -> ColumnTransformer:
    deck = OneHotEncoder(handle_unknown="ignore")
    return ColumnTransformer(
        [("numbers", numbers, ["age", "fare"]), ("words", encoder, WORDS), ("deck", deck, ["deck"])], sparse_threshold=0
    )


def main() -> None:
    folder = Path(sys.argv[1])
    frame = passengers()
    features, survived = frame.drop(columns="survived"), frame["survived"]
    frame[KEPT:].to_csv(folder / "passengers.csv", index=False)
    odd = frame[KEPT:].astype({"fare": object})
    odd.iloc[3, odd.columns.get_loc("fare")] = "cheap"
    odd.to_csv(folder / "odd.csv", index=False)
    filled = make_pipeline(SimpleImputer(strategy="most_frequent"), OneHotEncoder(handle_unknown="ignore"))
    scaled = make_pipeline(SimpleImputer(), StandardScaler())
    encoders = {"filled": filled, "gaps": OneHotEncoder(), "strict": make_pipeline(
        SimpleImputer(strategy="constant", fill_value="none"), OrdinalEncoder())}  # fmt: skip
    for name, encoder in encoders.items():
        model = make_pipeline(columns(encoder, scaled), LogisticRegression(max_iter=1000)).fit(
            features[:KEPT], survived[:KEPT]
        )
        joblib.dump(model, folder / f"{name}.joblib", compress=3 if name == "gaps" else 0)
    boosted = make_pipeline(columns(filled, "passthrough"), HistGradientBoostingClassifier(max_iter=20)).fit(
        features, survived
    )
    joblib.dump(boosted, folder / "boosted.pkl")

    matrix = frame[["age", "fare"]].to_numpy()
    whole = np.nan_to_num(matrix)
    target = whole @ [1.0, 2.0] + 3
    np.save(folder / "matrix.npy", whole)
    np.save(folder / "gaps.npy", matrix)
    pd.DataFrame({"a": whole[:, 0], "b": whole[:, 1], "t": target, "u": -target}).to_csv(
        folder / "numbers.csv", index=False
    )
    pd.DataFrame({"a": whole[:, 0], "b": whole[:, 1], "t": target}).to_csv(folder / "target.csv", index=False)
    fitted = {
        "trees": HistGradientBoostingClassifier(max_iter=20).fit(matrix, survived),
        "linear": LinearRegression().fit(whole, target),
        "two": Ridge().fit(whole, np.c_[target, -target]),
        "forest": RandomForestRegressor(n_estimators=10, random_state=0).fit(whole, target),
        "svm": make_pipeline(StandardScaler(), SVC()).fit(whole, survived),
        "calibrated": make_pipeline(StandardScaler(), CalibratedClassifierCV(SVC(), ensemble=False)).fit(
            whole, survived
        ),
        "misread": CalibratedClassifierCV(make_pipeline(StandardScaler(), SVC()), ensemble=False).fit(whole, survived),
        "numbered": LogisticRegression().fit(whole, target > np.median(target)),
        "many": MultiOutputClassifier(LogisticRegression()).fit(whole, np.c_[target > 80, target > 120]),
        "clusters": KMeans(n_clusters=3, n_init=1, random_state=0).fit(whole),
        "outliers": IsolationForest(n_estimators=20, random_state=0).fit(whole),
        "scaler": StandardScaler().fit(whole),
        "own": make_pipeline(Unknown(), LogisticRegression()).fit(whole, survived),
        "unfitted": LogisticRegression(),
        "table": {"model": LinearRegression().fit(whole, target)},
    }
    for name, model in fitted.items():
        joblib.dump(model, folder / f"{name}.pkl")


if __name__ == "__main__":
    main()
