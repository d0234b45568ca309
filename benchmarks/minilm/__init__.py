"""A sentence-vector model of six layers, exported from a package of PyPI, to compress."""
