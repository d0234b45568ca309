"""What the APIs that are made with FastAPI have in common; nothing of it is on the way of a prediction."""
