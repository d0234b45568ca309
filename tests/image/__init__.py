"""The container image: built, looked at and called."""
