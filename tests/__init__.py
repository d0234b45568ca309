"""Tests mirror the packages; what runs against the embedded cloud is in e2e/."""
