"""The models of the onnx package itself, through the code that ships."""
