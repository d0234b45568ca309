"""Models of other frameworks, imported."""
