"""The reference tables as arrays for compiled rules: numbers only, ids replaced by positions (-1 for none)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any, get_type_hints

import numpy as np

from transition_sim.core.errors import Fault, ScenarioError
from transition_sim.core.record_types import declared
from transition_sim.scenarios import rows
from transition_sim.scenarios.reference_rows import (
    carrier_ids,
    carriers,
    sector_ids,
    sectors,
    service_ids,
    services,
    technologies,
    technology_sectors,
)
from transition_sim.scenarios.table_reader import read_table

MONTHS, DAYS, BLOCKS = 12, ("typical", "extreme"), 8
SECTOR_MASK = "sector_mask"
_NUMERIC = {float: "f8", int: "i4", bool: "i1"}


def structured(records: Sequence[Any], positions: Mapping[str, Sequence[str]] | None = None) -> np.ndarray:
    """Return records as a structured array of their numeric columns.

    Parameters
    ----------
    records : sequence of dataclass instances
    positions : mapping of column -> ids
        Text columns kept as i2 positions in the ids; -1 where the cell is empty. Other text is dropped.

    Returns
    -------
    structured ndarray, shape (n,)
        Numbers f8, whole numbers i4, switches i1, positions i2; read-only.
    """
    ids = positions or {}
    hints = get_type_hints(type(records[0]))
    kinds = {f.name: "i2" if f.name in ids else _NUMERIC.get(hints[f.name]) for f in fields(records[0])}
    dtype = declared(np.dtype([(name, kind) for name, kind in kinds.items() if kind], align=True))
    table = np.zeros(len(records), dtype)
    for name in dtype.names or ():
        cells = [getattr(record, name) for record in records]
        table[name] = [list(ids[name]).index(c) if c else -1 for c in cells] if name in ids else cells
    table.flags.writeable = False
    return table


@cache
def carrier_table(folder: Path | None = None) -> np.ndarray:
    """Return the carriers, shape (n_carriers,)."""
    return structured(carriers(folder))


@cache
def service_table(folder: Path | None = None) -> np.ndarray:
    """Return the services; ``kind`` is a position in ``SERVICE_KINDS``, ``host`` a service."""
    return structured(services(folder), {"kind": rows.SERVICE_KINDS, "host": service_ids(folder)})


@cache
def sector_table(folder: Path | None = None) -> np.ndarray:
    """Return the sectors; ``load_shape`` is a position in ``load_shape_ids``."""
    return structured(sectors(folder), {"load_shape": load_shape_ids(folder)})


@cache
def learning_groups(folder: Path | None = None) -> tuple[str, ...]:
    """Return the groups of technologies that learn together, in order of first appearance.

    Parameters ``{group}_national_..._2020`` and ``{group}_national_..._per_year`` hold their deployment (SM17).
    """
    return tuple(dict.fromkeys(t.learning_group for t in technologies(folder) if t.learning_group))


@cache
def technology_table(folder: Path | None = None) -> np.ndarray:
    """Return the technologies, shape (n_technologies,).

    ``service``, ``carrier``, ``kind`` (in ``TECHNOLOGY_KINDS``) and ``learning_group`` are positions; bit s of
    ``sector_mask`` (i4) is set where sector s can use the technology.
    """
    positions = {
        "service": service_ids(folder),
        "kind": rows.TECHNOLOGY_KINDS,
        "carrier": carrier_ids(folder),
        "learning_group": learning_groups(folder),
    }
    plain = structured(technologies(folder), positions)
    columns = [*((name, plain.dtype[name]) for name in plain.dtype.names or ()), (SECTOR_MASK, "i4")]
    dtype = declared(np.dtype(columns, align=True))
    table = np.zeros(plain.size, dtype)
    for name in plain.dtype.names or ():
        table[name] = plain[name]
    usable, all_sectors = technology_sectors(folder), sector_ids(folder)
    table[SECTOR_MASK] = [sum(1 << all_sectors.index(s) for s in usable[t.id]) for t in technologies(folder)]
    table.flags.writeable = False
    return table


@cache
def _shape_weights(folder: Path | None = None) -> tuple[rows.ShapeWeight, ...]:
    return read_table("load_shapes", rows.ShapeWeight, ("shape", "day", "block"), folder)


def load_shape_ids(folder: Path | None = None) -> tuple[str, ...]:
    """Return the ids of the load shapes; position = index."""
    return tuple(dict.fromkeys(row.shape for row in _shape_weights(folder)))


@cache
def load_shapes(folder: Path | None = None) -> np.ndarray:
    """Return the share of a day's energy in each block, shape (n_shapes, 2 days, 8 blocks); a day sums to 1."""
    ids = load_shape_ids(folder)
    cells = {(ids.index(r.shape), DAYS.index(r.day), r.block): r.weight for r in _shape_weights(folder)}
    return _filled("load_shapes", (len(ids), len(DAYS), BLOCKS), cells)


@cache
def profiles(folder: Path | None = None) -> dict[str, np.ndarray]:
    """Return the capacity factors of renewables by kind, shape (12 months, 8 blocks)."""
    found: dict[str, dict[tuple[int, ...], float]] = {}
    for row in read_table("profiles", rows.ProfileFactor, ("kind", "month", "block"), folder):
        blocks = range(BLOCKS) if row.block == -1 else (row.block,)
        found.setdefault(row.kind, {}).update({(row.month - 1, b): row.capacity_factor for b in blocks})
    return {kind: _filled("profiles", (MONTHS, BLOCKS), cells) for kind, cells in found.items()}


@dataclass(frozen=True)
class InputOutput:
    """National input-output coefficients in the order of the sectors.

    Attributes
    ----------
    total, domestic : ndarray, shape (S, S)
        Input of row sector per CNY of output of column sector: from anywhere, and of domestic origin.
    other_inputs_share, energy_share, wages_share, taxes_share, surplus_share : ndarray, shape (S,)
        What else a CNY of output takes; with the column of ``total`` they sum to 1.
    """

    total: np.ndarray
    domestic: np.ndarray
    other_inputs_share: np.ndarray
    energy_share: np.ndarray
    wages_share: np.ndarray
    taxes_share: np.ndarray
    surplus_share: np.ndarray


@cache
def io_tables(folder: Path | None = None) -> InputOutput:
    """Return the input-output coefficients."""
    ids = sector_ids(folder)
    known = {"from_sector": ids, "to_sector": ids, "sector": ids}
    cells = read_table("io_coefficients", rows.InputCoefficient, ("from_sector", "to_sector"), folder, known)
    at = {(ids.index(c.from_sector), ids.index(c.to_sector)): c for c in cells}
    rest = {ids.index(r.sector): r for r in read_table("io_rest", rows.OtherInputs, ("sector",), folder, known)}
    square = (len(ids), len(ids))
    return InputOutput(
        total=_filled("io_coefficients", square, {k: c.coef_total for k, c in at.items()}),
        domestic=_filled("io_coefficients", square, {k: c.coef_domestic for k, c in at.items()}),
        **{
            f.name: _filled("io_rest", (len(ids),), {(k,): getattr(r, f.name) for k, r in rest.items()})
            for f in fields(InputOutput)[2:]
        },
    )


def _filled(name: str, shape: tuple[int, ...], cells: Mapping[Any, float]) -> np.ndarray:
    """Return cells as a read-only array; every cell must be given, none may lie outside."""
    every = set(np.ndindex(*shape))
    faults = [
        Fault(f"{name}.csv", None, "cell " + " ".join(map(str, at)), "", rule, remedy)
        for places, rule, remedy in (
            (sorted(every - cells.keys()), "the cell is missing", "Add a row."),
            (sorted(cells.keys() - every), "the cell lies outside the table", "Correct or delete the row."),
        )
        for at in places
    ]
    if faults:
        raise ScenarioError(faults)
    array = np.empty(shape)
    for at, value in cells.items():
        array[at] = value
    array.flags.writeable = False
    return array
