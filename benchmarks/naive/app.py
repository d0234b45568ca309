"""A model behind FastAPI on Lambda, written the way that tutorials write it."""

import os

import boto3
import numpy as np
import onnxruntime
from fastapi import FastAPI
from mangum import Mangum
from pydantic import BaseModel

s3 = boto3.client("s3")
session = onnxruntime.InferenceSession(os.environ["MODEL_PATH"])
input_name = session.get_inputs()[0].name
app = FastAPI()


class Rows(BaseModel):
    data: list[list[float]]


class Pictures(BaseModel):
    data: list[list[list[list[float]]]]


class Prediction(BaseModel):
    prediction: list[list[float]]


@app.post("/predict")
def predict(rows: Rows) -> Prediction:
    values = session.run(None, {input_name: np.array(rows.data, dtype=np.float32)})
    return Prediction(prediction=values[0].tolist())


@app.post("/predict-async")
async def predict_async(rows: Rows) -> Prediction:
    values = session.run(None, {input_name: np.array(rows.data, dtype=np.float32)})
    return Prediction(prediction=values[0].tolist())


@app.post("/predict-picture")
def predict_picture(pictures: Pictures) -> Prediction:
    values = session.run(None, {input_name: np.array(pictures.data, dtype=np.float32)})
    return Prediction(prediction=values[0].tolist())


handler = Mangum(app)
