"""What makes a package of a model's folder: on a laptop, in the image's build, and where uploads are validated."""
