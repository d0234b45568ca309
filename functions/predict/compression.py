"""Bodies that are compressed: bounded on the way in, where a client asks for it on the way out."""

import zlib
from io import BytesIO

from functions.core.errors import InvalidInput, UnsupportedMedia
from functions.predict.exchange import Request, Response, check_size

WINDOWS = {"gzip": 31, "deflate": 15}
"""Encodings there are, and the window bits by which zlib knows them (zlib.h)."""
PIECE = 64 * 1024
"""Bytes of a compressed body, and of what it expands to, at a time."""


def expand(request: Request, limit: int) -> Request:
    """The request with its body as it was before compression, at most `limit` bytes of it.

    Raises:
        UnsupportedMedia: it is in an encoding that is not known here.
        InvalidInput: it is not what its encoding says, or not all of it.
        PayloadTooLarge: there is more of it than `limit`; found without expanding the rest.
    """
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding in ("identity", ""):
        return request
    if encoding not in WINDOWS:
        raise UnsupportedMedia("Content-Encoding", f"identity, {', '.join(WINDOWS)}", encoding)
    try:
        return request._replace(body=_expanded(request.body, encoding, limit))
    except zlib.error as fault:
        raise InvalidInput("body", encoding, f"something else ({fault})") from None


def _expanded(body: bytes, encoding: str, limit: int) -> bytes:
    """A piece at a time: asked for more at once, zlib holds it twice, and copies what it has not expanded yet."""
    stream = zlib.decompressobj(WINDOWS[encoding])
    whole = BytesIO()  # hands out what it holds without a copy
    taken = 0
    while not stream.eof:
        piece = stream.unconsumed_tail or body[taken : taken + PIECE]
        taken += 0 if stream.unconsumed_tail else len(piece)
        expanded = stream.decompress(piece, PIECE)
        if not piece and not expanded:
            break
        check_size(whole.tell() + len(expanded), limit)
        whole.write(expanded)
    if not stream.eof or stream.unused_data or taken < len(body):
        raise InvalidInput("body", f"one complete {encoding} stream", "one that is cut off or goes on")
    return whole.getvalue()


def compress(request: Request, response: Response) -> Response:
    """The response in an encoding that the client takes, if there is one."""
    accepted = request.headers.get("accept-encoding", "")
    for encoding, window in WINDOWS.items():
        if encoding in _encodings(accepted):
            stream = zlib.compressobj(1, wbits=window)
            response.headers["content-encoding"] = encoding
            response.headers["vary"] = "accept-encoding"
            return response._replace(body=stream.compress(response.body) + stream.flush())
    return response


def _encodings(accepted: str) -> list[str]:
    parts = [part.replace(" ", "").lower().split(";") for part in accepted.split(",")]
    return [part[0] for part in parts if part[1:] not in (["q=0"], ["q=0.0"])]
