"""Everything that ships in a Lambda image, and nothing else."""

VERSION = "0.1.0"
