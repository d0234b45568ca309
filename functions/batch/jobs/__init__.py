"""The API of jobs: for files that are too large for a request, and for operators."""
