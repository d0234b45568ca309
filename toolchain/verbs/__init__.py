"""What the verbs of `ortless` take and print; what they do is imported when they are called, for a fast --help."""
