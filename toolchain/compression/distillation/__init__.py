"""Distillation: a small network learns to answer as another model does."""
