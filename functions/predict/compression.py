"""Bodies that are compressed: bounded on the way in, where a client asks for it on the way out."""

import zlib

from functions.core.errors import InvalidInput, UnsupportedMedia
from functions.predict.exchange import Request, Response, check_size

WINDOWS = {"gzip": 31, "deflate": 15}
"""Encodings there are, and the window bits by which zlib knows them (zlib.h)."""


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
    stream = zlib.decompressobj(WINDOWS[encoding])
    try:
        body = stream.decompress(request.body, limit + 1)
    except zlib.error as fault:
        raise InvalidInput("body", encoding, f"something else ({fault})") from None
    check_size(len(body), limit)
    if not stream.eof or stream.unused_data:
        raise InvalidInput("body", f"one complete {encoding} stream", "one that is cut off or goes on")
    return request._replace(body=body)


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
