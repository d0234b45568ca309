"""Steps declared in a package's model.toml: from the user's terms to tensors, and from tensors to answers."""
