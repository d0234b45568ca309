"""What the tests use of pytest-xdist."""
