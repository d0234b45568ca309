"""From tensors to predictions in the user's terms."""
