"""A request and its answer, free of any transport."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from time import perf_counter
from typing import Any, NamedTuple, TypeAlias

import orjson

from functions.core.catalog import Catalog, Resident
from functions.core.errors import InvalidInput, InvalidJson, PayloadTooLarge, brief
from functions.core.predictor import Predictor

JSON = "application/json"
BINARY = "application/octet-stream"
HEADER_LENGTH = "inference-header-content-length"
"""Header that says where the JSON of a body ends and the bytes of its binary tensors begin."""
SESSION = "x-ortless-session"
"""Header by which a client has all its requests answered by the same version while one is on trial."""
MODEL, DIGEST = "x-ortless-model", "x-ortless-digest"
"""Headers that say what answered: name and version, and the digest of that version's manifest."""
VARIANT = "x-ortless-variant"
"""Header of the answers of a version on trial."""
CACHE = "x-cache"
"""Header of the answers of a model that keeps them: whether this one was kept."""
TIMING = "server-timing"
"""Header that says how long an answer took in the function, as browsers read it (W3C Server Timing)."""
EXPOSED = ", ".join((MODEL, DIGEST, VARIANT, CACHE, TIMING, HEADER_LENGTH))
"""Headers that a page of an allowed origin may read."""
LABELS, OTHER = 20, "other"
"""Labels that a log line counts at most, and what all others count as."""

MEMORY_LIMIT = 18 * 1024 * 1024
"""Bytes that a document of JSON may take while it is parsed: three times the largest body."""
WEIGHTS = ((b",", 56), (b"[", 136), (b"{", 176), (b":", 64), (b'"', 16))
"""Bytes that the parser takes at most for what each of these stands for: a value, a list, an object, a member, a text.

Two bytes of a body can be a list of 88 bytes, so a body that is small enough to be read may not be to be parsed. Each
value takes 16 bytes in the parser, 8 in its list and 32 as a number; measured with orjson 3.11 on CPython 3.11.
"""
LIGHTER = " in memory (pictures in base64 and tensors of numbers or bytes take less)"
LIGHT = MEMORY_LIMIT // (3 + 136 + 56)
"""Bytes of a body that is parsed without a look: no document in it takes more than the limit."""


class Trail:
    """What becomes known of a request while a lane answers it, and stays so if the lane fails."""

    # Defaults of the class: to set them for each request would take it longer.
    asked: bool = False
    """Whether it is for a model to compute something."""
    named: bool = False
    """Whether it names a version: it is no part of a trial then."""
    predictor: "Resident | None" = None
    lane: "Lane | None" = None
    """What can ask another version the same."""
    looked: float = 0.0
    """Seconds that finding the predictor took; loading it, where that had to be."""
    decoded: float = 0.0
    """When what the request asks was read from its body, by `perf_counter`; 0: no lane says."""
    waited: float = 0.0
    """Seconds that an environment's first answer waited for its start."""


class Request(NamedTuple):
    """What a lane may know of a call: header names are in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    id: str
    trail: Trail | None = None


class Response(NamedTuple):
    """What a lane answers: `code` is the error's stable code, `model` names what answered, if a model did."""

    status: int
    headers: dict[str, str]
    body: bytes
    code: str = ""
    model: str = ""
    labels: Mapping[str, int] | None = None
    """How many of its predictions have which label, where they have any."""


Lane: TypeAlias = Callable[[Predictor, Request], Response]


def predictor_of(catalog: Catalog, request: Request, parameters: Mapping[str, str], lane: Lane | None) -> Resident:
    """The predictor that computes what a request asks for; the request's trail knows it from here on.

    Args:
        lane: what a shadow is asked by; None: it is not.

    Raises:
        Whatever `Catalog.model` does.
    """
    version = parameters.get("version")
    trail = request.trail or Trail()
    trail.asked = True
    trail.lane = lane
    if version is not None:
        trail.named = True
    key = request.headers.get(SESSION) or request.id
    began = perf_counter()
    predictor = trail.predictor = catalog.model(parameters["name"], version, key)
    trail.looked = perf_counter() - began
    return predictor


def note_decoded(request: Request) -> None:
    """Note that a lane has read what a request asks, and now computes it."""
    if request.trail is not None:
        request.trail.decoded = perf_counter()


def count_labels(predictions: Sequence[Any]) -> dict[str, int] | None:
    """How many predictions have which label; the most frequent ones where there are many, None where there is none."""
    first = predictions[0]
    if type(first) is not dict or type(first.get("label", first)) not in (str, int, bool, type(None)):
        return None
    if len(predictions) == 1:
        return {str(first["label"]): 1}
    counted = Counter(str(prediction["label"]) for prediction in predictions)
    if len(counted) <= LABELS:
        return counted
    most = dict(counted.most_common(LABELS))
    most[OTHER] = most.get(OTHER, 0) + counted.total() - sum(most.values())
    return most


def check_size(size: int, limit: int) -> None:
    """Refuse a body by its size in bytes, before anything reads it.

    Raises:
        PayloadTooLarge: it exceeds the limit.
    """
    if size > limit:
        raise PayloadTooLarge(size, limit)


def read_json(request: Request) -> dict[str, Any]:
    """The JSON object that a request carries. Raises as `parse_json` does."""
    return parse_json(request.body)


def parse_json(body: bytes) -> dict[str, Any]:
    """The JSON object that a body is.

    Raises:
        InvalidJson: it is not JSON, holds NaN, a lone surrogate or a number beyond 64 bits, or is nested too deep.
        InvalidInput: it is JSON, but no object.
        PayloadTooLarge: parsed, it would take more memory than a document may.
    """
    if len(body) > LIGHT:
        _check_weight(body)
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError as fault:
        raise InvalidJson(str(fault)) from None
    if type(document) is not dict:
        raise InvalidInput("$", "a JSON object", brief(document))
    return document


def _check_weight(body: bytes) -> None:
    """Refuse what has too many values for its size, whatever they are: counted, as parsing is what takes the memory.

    The parser takes a copy of the body, and what is text another one; one character beyond Latin-1, which may be an
    escape, makes a string of up to four bytes for each of its characters.
    """
    from functions.core.occurrences import occurrences  # large bodies only

    copies = 3 if body.isascii() and not (b"\\" in body and b"\\u" in body) else 6
    weight = copies * len(body) + sum(size * occurrences(body, mark) for mark, size in WEIGHTS)
    if weight > MEMORY_LIMIT + LIGHT:
        raise PayloadTooLarge(weight, MEMORY_LIMIT, "JSON", LIGHTER)


def write_json(
    document: object,
    predictor: Predictor | None = None,
    status: int = 200,
    labels: Mapping[str, int] | None = None,
) -> Response:
    """An answer in JSON; numpy arrays and numbers are written as they are, NaN and infinities as null."""
    headers = {"content-type": JSON}
    model = ""
    if predictor:
        model = headers[MODEL] = predictor.package.label
        headers[DIGEST] = predictor.manifest.digest
    return Response(status, headers, orjson.dumps(document, option=orjson.OPT_SERIALIZE_NUMPY), "", model, labels)
