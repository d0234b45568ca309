"""The real-time API: what a request asks, answered from the catalog of models."""
