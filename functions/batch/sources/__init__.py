"""Files of rows, each format in pieces that can be read alone."""
