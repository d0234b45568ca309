"""Tests of infra/monitoring."""
