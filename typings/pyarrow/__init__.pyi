"""The part of Arrow that batch inference reads and writes with; it ships no types of its own."""

from typing import Any

def __getattr__(name: str) -> Any: ...
