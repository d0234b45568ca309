"""The command line of jobs, against a server that keeps to the contract of the API."""
