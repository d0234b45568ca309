"""A picture of the deployed dashboard, from what the embedded cloud keeps of the same metrics."""
