"""A registry as it was at a point in time, from what its bucket still keeps."""
