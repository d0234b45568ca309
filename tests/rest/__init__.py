"""Tests of functions/rest."""
