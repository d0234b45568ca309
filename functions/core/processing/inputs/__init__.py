"""From instances in the user's terms to tensors."""
