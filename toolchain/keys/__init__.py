"""API keys: made, listed, rotated and revoked; their values are shown once and kept nowhere."""
