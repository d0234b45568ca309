"""Reference statistics of models, and what came since as compared with them."""
