"""Offline work on models: compile, publish, promote; and the `ortless` command line."""
