"""Tests of the verbs on drift."""
