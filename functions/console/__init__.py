"""The web page of one's own service, and what it reads that no other part of the API tells."""
