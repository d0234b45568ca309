"""Hidden units of networks - neurons and channels - that can be taken out: where they are, and which tell least."""
