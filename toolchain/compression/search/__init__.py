"""Finds the recipe: candidates from what a graph has, measured under a gate, the best of them chosen."""
