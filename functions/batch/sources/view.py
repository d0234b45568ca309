"""What reading is told, and what every format answers to."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal, NamedTuple, Protocol

from functions.batch.rows import Aim, Piece, Window
from functions.batch.sources.opening import Opening
from functions.core.predictor import Predictor
from functions.core.processing.kinds import RAW
from functions.core.tensors import DATATYPES, TensorSpec


class View(NamedTuple):
    """What of a row is the instance, and what goes beside it."""

    schema: Mapping[str, Any]
    """JSON Schema of an instance."""
    tensors: tuple[TensorSpec, ...] = ()
    """The model's inputs, where instances are rows of them."""
    carry: tuple[str, ...] = ()
    """Columns that go along to the results."""
    id: str | None = None
    """The column of the rows' own ids; None: `id` where there is such a column that is no feature."""
    window: int = 1024
    """Rows that are read at once, at most."""
    ignore: tuple[str, ...] | Literal["*"] = ()
    """Columns that are left unread; "*": all that are neither features nor carried."""
    tabular: Any = None
    """The preprocessing that checks a whole matrix of features at once; None where a feature is no number."""

    instances: bool = False
    """Whether rows are wanted as instances even where they could be tensors: an explanation is one of an instance."""

    @classmethod
    def of(
        cls,
        predictor: Predictor,
        *,
        carry: tuple[str, ...] = (),
        row_id: str | None = None,
        window: int = 1024,
        ignore: tuple[str, ...] | Literal["*"] = (),
        instances: bool = False,
    ) -> "View":
        """The view that a model has of a file."""
        manifest, preprocess = predictor.manifest, predictor.preprocess
        is_raw = manifest.preprocess.get("kind", RAW) == RAW
        tensors = tuple(manifest.inputs) if is_raw and all(_is_numeric(spec) for spec in manifest.inputs) else ()
        columns = getattr(preprocess, "columns", None)
        tabular = preprocess if columns is not None and columns.is_numeric else None
        return cls(preprocess.schema(), tensors, carry, row_id, window, ignore, tabular, instances)


class Source(Protocol):
    """A format of files. Both methods raise FileRefused, and StoreUnavailable where the file cannot be got at."""

    def head(self, opening: Opening) -> int:
        """Bytes before the first row, which every piece needs; 0 where there are none."""

    def plan(self, opening: Opening, aim: Aim) -> Iterator[Piece]:
        """The file's pieces, in order, without a gap; memory does not grow with the file."""

    def read(self, opening: Opening, piece: Piece, view: View) -> Iterator[Window]:
        """The rows of a piece; the same windows each time. An empty window is never given."""


def _is_numeric(spec: TensorSpec) -> bool:
    datatype = DATATYPES[spec.datatype]
    return bool(spec.shape) and datatype.dtype.kind in "bfiu" and not datatype.element
