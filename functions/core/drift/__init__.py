"""Whether what a model is asked, and what it answers, still is like the data that it was evaluated on."""
