"""By-products that one enterprise has and another can use, and who gives and takes how much of each (SM18)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated

from transition_sim.core.errors import Fault, ScenarioError
from transition_sim.scenarios.messages import suggestion
from transition_sim.scenarios.reference_rows import sector_ids, service_ids
from transition_sim.scenarios.table_reader import (
    Chinese,
    Confidence,
    Grade,
    Number,
    Switch,
    Text,
    Word,
    one_of,
    read_table,
)

EFFECTS = ("none", "material", "steam", "clinker")
"""What a taker saves: bought material, steam of its boilers, or clinker of its kiln."""
PER = ("output", "service", "generation")
"""Amounts go by output (unit per 10 thousand CNY), by an energy service (unit per unit), or by power (unit per MWh)."""
PLANT_KINDS = ("coal", "gas", "biomass")


@dataclass(frozen=True)
class ByProduct:
    """A by-product: how far it travels, what getting rid of it costs, and what it takes to use it.

    ``used_share`` is used in the base year already and stands in the inputs and sales of that year. Transport is per
    unit and kilometre; a plant is paid per unit a year, a pipe per kilometre, both over ``life_years``. Nobody makes a
    contract for less than ``smallest_unit_per_year``.
    """

    id: Word
    name_en: Text
    name_zh: Chinese
    unit: Annotated[str, one_of("GJ", "t")]
    reach_km: Number
    smallest_unit_per_year: Number
    disposal_cny_per_unit: Number
    is_solid_waste: Switch
    used_share: Number
    transport_cny_per_unit_km: Number
    treatment_cny_per_unit: Number
    plant_cny_per_unit_year: Number
    pipe_cny_per_km: Number
    life_years: Number
    grade: Grade
    source: Text
    confidence: Confidence


@dataclass(frozen=True)
class ByProductFlow:
    """Who gives or takes a by-product: a sector by output, an energy service, or plants of a kind by generation.

    ``input_cny_per_unit`` is what a taker saves on bought material; steam and clinker saved come on top, at what they
    cost the taker at the time.
    """

    by_product: Word
    side: Annotated[str, one_of("gives", "takes")]
    who: Word
    per: Annotated[str, one_of(*PER)]
    amount_per_unit: Number
    effect: Annotated[str, one_of(*EFFECTS)]
    input_cny_per_unit: Number
    grade: Grade
    source: Text
    confidence: Confidence


@cache
def by_products(folder: Path | None = None) -> Mapping[str, ByProduct]:
    """Return the by-products by id, in the order of their file."""
    return {row.id: row for row in read_table("by_products", ByProduct, ("id",), folder)}


@cache
def by_product_flows(folder: Path | None = None) -> tuple[ByProductFlow, ...]:
    """Return who gives and takes what.

    Raises
    ------
    ScenarioError
        With every row that names nobody, or an effect that its side or service cannot have.
    """
    known = {"by_product": tuple(by_products(folder))}
    rows = read_table("by_product_flows", ByProductFlow, ("by_product", "side", "who"), folder, known)
    faults = [
        Fault("by_product_flows.csv", None, f"{row.by_product}.{row.side}.{row.who}", value, rule, remedy)
        for row in rows
        for value, rule, remedy in _faults(row, folder)
    ]
    if faults:
        raise ScenarioError(faults)
    return rows


def _faults(row: ByProductFlow, folder: Path | None) -> Iterator[tuple[str, str, str]]:
    known = {"output": sector_ids(folder), "service": service_ids(folder), "generation": PLANT_KINDS}[row.per]
    if row.who not in known:
        yield row.who, f"per '{row.per}' goes with {', '.join(known)}", suggestion(row.who, known, "ids")
    if (row.side == "gives") != (row.effect == "none"):
        yield row.effect, "who takes has an effect, who gives has none", "Write 'none', or what the taker saves."
    if row.effect in ("steam", "clinker") and row.who != row.effect.upper():
        yield row.effect, f"this effect is that of the service {row.effect.upper()}", "Correct effect or service."
    if row.side == "takes" and row.per == "generation":
        yield row.per, "power plants only give", "Write a sector or a service."
