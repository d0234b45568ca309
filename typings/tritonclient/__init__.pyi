"""The part of Triton's client that tests use; the package ships no types of its own."""
