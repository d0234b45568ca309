"""Ensembles of decision trees as arrays: read from a graph, made smaller, written back in the tersest form."""
