"""State as bytes and back, into plain data and records of this package only; a file that names more is refused."""

import io
import pickle
from typing import Any

import numpy as np

from transition_sim.core.record_types import declared

_PLAIN = {
    ("collections", "OrderedDict"), ("collections", "defaultdict"), ("collections", "deque"), ("builtins", "set"),
    ("builtins", "frozenset"), ("builtins", "range"), ("builtins", "slice"), ("builtins", "list"), ("builtins", "dict"),
    ("numpy", "dtype"), ("numpy", "ndarray"), ("numpy._core.multiarray", "scalar"),
    ("numpy._core.multiarray", "_reconstruct"), ("numpy._core.numeric", "_frombuffer"),
    ("numpy.core.multiarray", "scalar"), ("numpy.core.multiarray", "_reconstruct"),
    ("numpy.core.numeric", "_frombuffer"), ("numpy.random._philox", "Philox"),
    ("numpy.random._pickle", "__generator_ctor"), ("numpy.random._pickle", "__bit_generator_ctor"),
}  # fmt: skip

UNREADABLE = (pickle.UnpicklingError, AttributeError, EOFError, ImportError, IndexError, TypeError, ValueError)
"""What ``loads`` raises for bytes that are not a state."""


class _Writer(pickle.Pickler):
    """Says of a record type what its fields are, so that a reader takes the one it has."""

    def persistent_id(self, obj: Any) -> Any:
        """Return the fields of a record type as plain data; None for all else, which is written as ever."""
        if not isinstance(obj, np.dtype) or not obj.fields:
            return None
        columns = [(name, at[0].base.str, at[0].shape, at[1]) for name, at in obj.fields.items()]
        return columns, obj.itemsize, obj.isalignedstruct


class _Reader(pickle.Unpickler):
    """Makes arrays, plain containers and records of this package; nothing else."""

    def persistent_load(self, pid: Any) -> np.dtype:
        """Return the record type of this process with the fields that a writer has noted."""
        columns, itemsize, is_aligned = pid
        fields: Any = {
            "names": [name for name, *_ in columns],
            "formats": [np.dtype((base, shape)) for _, base, shape, _ in columns],
            "offsets": [offset for *_, offset in columns],
            "itemsize": itemsize,
        }
        return declared(np.dtype(fields, align=is_aligned))

    def find_class(self, module: str, name: str) -> Any:
        """Return a class that a state may hold."""
        if (module, name) in _PLAIN:
            return super().find_class(module, name)
        if module.startswith("transition_sim.") and "." not in name:
            found = super().find_class(module, name)
            if isinstance(found, type):
                return found
        raise pickle.UnpicklingError(f"it names {module}.{name}")


def dumps(state: Any) -> bytes:
    """Return a state as bytes."""
    stream = io.BytesIO()
    _Writer(stream, protocol=5).dump(state)
    return stream.getvalue()


def loads(data: bytes) -> Any:
    """Return the state that bytes hold.

    Raises
    ------
    One of ``UNREADABLE``
        When they hold anything but arrays, plain containers and records of this package.
    """
    return _Reader(io.BytesIO(data)).load()
