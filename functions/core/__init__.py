"""What every function stands on: models, tensors, the registry. Knows no HTTP and imports little."""
