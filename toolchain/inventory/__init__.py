"""What the images of the functions are made of, and which of them were published."""
