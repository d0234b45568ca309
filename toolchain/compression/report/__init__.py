"""What came of a compression, for machines (report.json), for people (report.html, CARD.md) and for the gate."""
