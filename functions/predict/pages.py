"""The docs page and its files, as they lie beside this module; nothing in them comes from anywhere else."""

import os
from gzip import decompress

from functions.predict.exchange import Request, Response
from functions.predict.problem import problem

FOLDER = os.path.join(os.path.dirname(__file__), "assets")
HTML = "text/html; charset=utf-8"
SCRIPT = "text/javascript; charset=utf-8"
STYLE = "text/css; charset=utf-8"
FILES = {
    "docs.html": (HTML, False),
    "docs.js": (SCRIPT, False),
    "swagger-ui-bundle.js": (SCRIPT, True),
    "swagger-ui.css": (STYLE, True),
}
"""What may be asked for: its type, and whether it lies here compressed."""
HEADERS = {
    # Swagger UI styles its elements in place and draws its icons from data.
    "content-security-policy": "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:",
    "x-content-type-options": "nosniff",
    "cache-control": "max-age=3600",
}


def page(name: str, request: Request) -> Response:
    """One of the files; 404 for any other name."""
    if name not in FILES:
        return problem("not_found", f"There is no {request.method} {request.path}")
    kind, compressed = FILES[name]
    with open(os.path.join(FOLDER, f"{name}.gz" if compressed else name), "rb") as file:
        content = file.read()
    headers = {"content-type": kind, **HEADERS}
    if compressed and "gzip" in request.headers.get("accept-encoding", ""):
        headers["content-encoding"] = "gzip"
    elif compressed:
        content = decompress(content)
    return Response(200, headers, content)
