"""How large a part of the results may become: it is held until its piece is done."""

from functions.batch.errors import FileRefused

PART_BYTES = 256 << 20
"""Of a part before it is compressed, some 16 times what a piece of the input may have; joined and sent it is there
twice, which a function of the default memory has."""


class Room:
    """What is left for a part."""

    def __init__(self) -> None:
        self._left = PART_BYTES

    def take(self, size: int) -> None:
        """Hold so many bytes more. Raises FileRefused where there is no room for them."""
        self._left -= size
        if self._left < 0:
            hint = "set `parameters.top_k` lower, leave `explain` out, `carry` fewer columns, or drop smaller files"
            raise FileRefused(f"Expected results of at most {PART_BYTES >> 20} MiB for a piece - got more; {hint}")
