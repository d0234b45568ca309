"""A metric without dimensions: the embedded CloudWatch takes a question for it for one of all dimensions together."""

from importlib import import_module
from typing import Any


class _None(dict[str, str]):
    """No dimensions, which is not the same as nothing said of them."""

    def __bool__(self) -> bool:
        return True


def mend() -> None:
    """Have a question that names no dimensions be of the metric that has none."""
    watch: Any = import_module("ministack.services.cloudwatch")
    read = watch._dims_from_list
    watch._dims_from_list = lambda dimensions: read(dimensions) or _None()
