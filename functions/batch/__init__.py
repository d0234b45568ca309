"""Batch inference: a file that is dropped into a bucket is answered row by row, each row once."""
