"""How much of a file is held, and what no honest file has."""

BLOCK = 1 << 20
"""Bytes of a step through a file: large enough that a step costs nothing, small enough that many fit."""
WINDOW_BYTES = 4 << 20
"""Bytes of rows in a window: with what they become in Python some ten times that, which every function has."""
READ_AHEAD = 8 << 20
"""Bytes of pictures that are taken out of an archive at once."""
PART = 8 << 20
"""Bytes that one request of a stream asks for: they are held while their rows are answered."""
MAX_LINE = 1 << 20
"""Bytes of a row of text; a longer one is refused as it goes by and never held."""
MAX_PICTURE = 10 << 20
"""Bytes of a picture in an archive: what the real-time API takes, too."""
MAX_ENTRIES = 100_000
"""Files in an archive, whose list is held as a whole: some 50 MB."""
MAX_DIRECTORY = 32 << 20
"""Bytes of an archive's list of files, read at once."""
MAX_FOOTER = 64 << 20
"""Bytes of a Parquet file's footer, read at once."""
MAX_COLUMNS = 10_000
"""Columns of a table; no model has more features, and each costs with every window."""
MAX_DECODED = 64 << 30
"""Bytes that a compressed file may become."""
RATIO = 200
"""Times that decoded bytes may outnumber the compressed ones: rows of text reach 5 to 30, bombs 1,000."""
RATIO_FROM = 16 << 20
"""Decoded bytes from which the ratio counts: up to there a file of equal rows may be as dense as it likes."""
ATTEMPTS = 6
"""Times that a stream is taken up again without a byte of progress."""
PAUSE = 0.05
"""Seconds before the first of them, half; each other waits twice as long as the one before."""
