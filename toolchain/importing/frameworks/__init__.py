"""One file for each framework; the framework itself is imported by the model that needs it."""
