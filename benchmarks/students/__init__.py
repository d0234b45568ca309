"""What `benchmarks.distillation` distils from, and on what."""
