"""Pieces of a compressed file, decoded: so that each can be read without all that stands before it."""

from functions.batch.rows import Piece
from functions.batch.sources.opening import Opening
from functions.batch.sources.view import Source


def staged(source: Source, opening: Opening, piece: Piece, key: str) -> tuple[bytes, Piece]:
    """Cut a piece out of a file.

    Args:
        opening: the decoded file; asked for the pieces in their order it is decoded once.
        key: under which the caller puts what is returned.

    Returns:
        A file of the same format with the piece's rows alone, and the piece as it stands in that file. Rows and lines
        keep the numbers that they have in the whole.
    """
    head = opening.read(0, source.head(opening))
    body = opening.read(piece.start, piece.end)
    return head + body, piece._replace(start=len(head), end=len(head) + len(body), source=key)
