"""The whole path, through the gateway of the embedded cloud, with IAM enforced."""
