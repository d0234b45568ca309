"""Tests of the sample packages."""
