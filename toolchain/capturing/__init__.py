"""Requests that a stage kept, read by who may."""
