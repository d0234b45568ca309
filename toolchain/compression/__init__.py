"""Makes a graph smaller and faster: passes over ONNX graphs, recipes of passes, and what each layer bears."""
