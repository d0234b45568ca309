"""The passes, one a file: each is a pure function of a graph, its options and calibration data."""
