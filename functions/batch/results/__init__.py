"""Answers as files, one writer for each format."""
