"""Answers that a model gave, kept to be given again to the same request; only for a model that declares `[cache]`."""

from collections import OrderedDict
from collections.abc import Callable
from hashlib import blake2b
from time import perf_counter_ns

from functions.core.predictor import Predictor
from functions.core.statistics import Statistics
from functions.predict.exchange import CACHE, HEADER_LENGTH, Request, Response

HIT, MISS = "hit", "miss"
KEY_BYTES = 32
"""Of a key, a BLAKE2b digest (RFC 7693): as hard to forge a second request for as for SHA-256."""
OVERHEAD = 768
"""Bytes that stand for what Python needs to hold an entry: its objects, and its share of the table."""
SHARE = 8
"""An answer that takes more than this part of the bound is not kept: it would drive out too many others."""

Compute = Callable[[Predictor, Request], Response]


class Cache:
    """The latest answers of one predictor, as many as its bound has room for.

    It belongs to that predictor and goes with it, so no version ever answers for another. There is no lock: an
    environment has one request at a time, and the app's endpoints run in the one thread of its event loop.
    """

    def __init__(self, predictor: Predictor) -> None:
        manifest = predictor.manifest
        self.bound = manifest.cache
        self.held = 0
        """Bytes that the entries take: keys, bodies, headers and an overhead for each; never more than `bound`."""
        self._entries: OrderedDict[bytes, Response] = OrderedDict()
        self._seed = blake2b(f"{manifest.digest} {predictor.package.label}\n".encode(), digest_size=KEY_BYTES)

    def key(self, lane: str, request: Request) -> bytes:
        """What tells this request from all with another answer: lane, header that changes the answer, body.

        A body that came compressed is the one that it expands to. Nothing else of a request changes an answer: what
        does (encoding, origin) is added to it further out.
        """
        hasher = self._seed.copy()
        hasher.update(f"{lane} {request.headers.get(HEADER_LENGTH)!a}\n".encode())
        hasher.update(request.body)
        return hasher.digest()

    def find(self, key: bytes) -> Response | None:
        """The answer under a key, if it is still there, marked as a hit."""
        found = self._entries.get(key)
        if found is None:
            return None
        self._entries.move_to_end(key)
        return _marked(found, HIT)

    def keep(self, key: bytes, response: Response) -> None:
        """Keep a successful answer that is small enough; those not asked for longest make room."""
        size = _size(response)
        if response.status != 200 or size * SHARE > self.bound or key in self._entries:
            return
        while self.held + size > self.bound:
            self.held -= _size(self._entries.popitem(last=False)[1])
        self._entries[key] = response
        self.held += size


def answer(predictor: Predictor, request: Request, compute: Compute, statistics: Statistics | None = None) -> Response:
    """The kept answer to a request, or the computed one; its header says which.

    Args:
        compute: the lane, whose name is part of the key; what it raises is not kept.
        statistics: where hits and misses count, if that lane counts.
    """
    started = perf_counter_ns()
    if predictor.cache is None:
        predictor.cache = Cache(predictor)
    cache: Cache = predictor.cache
    key = cache.key(compute.__name__, request)
    found = cache.find(key)
    looked = perf_counter_ns()
    if found is not None:
        if statistics:
            statistics.hit(looked - started)
        return found
    response = compute(predictor, request)
    computed = perf_counter_ns()
    cache.keep(key, response)
    if statistics:
        statistics.miss(looked - started + perf_counter_ns() - computed)
    return _marked(response, MISS)


def _marked(response: Response, how: str) -> Response:
    # With headers of its own: what is sent gets more of them on its way out, what is kept must not.
    return response._replace(headers={**response.headers, CACHE: how})


def _size(response: Response) -> int:
    headers = sum(len(name) + len(value) for name, value in response.headers.items())
    return OVERHEAD + KEY_BYTES + len(response.body) + headers
