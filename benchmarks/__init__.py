"""One file per question; every figure in the documentation is one that a command here prints."""
