"""`python -m local`: the whole service on this machine, without an AWS account and without Docker."""

from local.cli import main

main()
