"""Strict documents, and the one shape that every error has."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

MODEL_NAME = r"^[a-z0-9](?:-?[a-z0-9]){0,62}$"
"""What a model's name looks like."""


class Strict(BaseModel):
    """Nothing unknown, nothing converted."""

    model_config = ConfigDict(strict=True, extra="forbid")


class Problem(Strict):
    """What is wrong."""

    error: Annotated[str, Field(description="For a person: what was expected, what came, and where.")]
    code: Annotated[str, Field(description="For a program: it stays the same.")]


def responses(kind: type[Problem], *described: tuple[int, str]) -> dict[int | str, dict[str, Any]]:
    """What FastAPI says of errors in the OpenAPI document: statuses, and what each means."""
    return {status: {"model": kind, "description": description} for status, description in described}
