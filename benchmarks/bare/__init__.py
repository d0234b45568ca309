"""The least that can answer: numpy, ONNX Runtime and the model, without any check."""
