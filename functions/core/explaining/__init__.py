"""Why a model answers as it does, found by asking it: no gradients, so it works for every model."""
