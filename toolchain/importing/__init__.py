"""Models of other frameworks, converted to ONNX and held to the answers of the original."""
