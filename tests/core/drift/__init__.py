"""Tests of what watches for drift."""
