"""What burning a fuel puts into the air besides CO2: the table of co-pollutants by user and carrier (SM19, I54)."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated

import numpy as np

from transition_sim.scenarios.reference_rows import carrier_ids
from transition_sim.scenarios.table_reader import Confidence, Grade, Number, Text, Word, one_of, read_table

USERS = ("industry", "city", "plant")
POLLUTANTS = ("so2", "nox", "dust")


@dataclass(frozen=True)
class PollutantFactor:
    """Emissions per fuel of one kind of user; what has no row emits none (steam, power)."""

    user: Annotated[str, one_of(*USERS)]
    carrier: Word
    so2_kg_per_gj: Number
    nox_kg_per_gj: Number
    dust_kg_per_gj: Number
    grade: Grade
    source: Text
    confidence: Confidence


@cache
def pollutant_factors(folder: Path | None = None) -> tuple[PollutantFactor, ...]:
    """Return the rows of the table."""
    return read_table("pollutants", PollutantFactor, ("user", "carrier"), folder, {"carrier": carrier_ids(folder)})


@cache
def pollutant_table(folder: Path | None = None) -> np.ndarray:
    """Return the factors, t/GJ, shape (users, carriers, pollutants)."""
    carriers = carrier_ids(folder)
    table = np.zeros((len(USERS), len(carriers), len(POLLUTANTS)))
    for row in pollutant_factors(folder):
        found = [getattr(row, f"{name}_kg_per_gj") for name in POLLUTANTS]
        table[USERS.index(row.user), carriers.index(row.carrier)] = 1e-3 * np.array(found)
    table.flags.writeable = False
    return table
