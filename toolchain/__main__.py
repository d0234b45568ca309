"""`python -m toolchain` is the `ortless` command line."""

from toolchain.cli import main

main()
