"""The lifecycle of models over HTTP: publish, promote, canary, shadow, roll back. IAM decides who may."""
