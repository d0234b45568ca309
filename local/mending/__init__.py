"""What the embedded cloud lacks of AWS and gets as it starts, in its own process: a gap, a file."""
