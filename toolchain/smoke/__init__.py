"""Whether a deployed API works: asked from outside, as its callers ask it."""
