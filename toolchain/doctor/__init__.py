"""What would keep a stage from being deployed, or make it fail later: looked at before."""
