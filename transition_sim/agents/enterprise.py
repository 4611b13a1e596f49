"""An enterprise as a Mesa agent: a view of its row, made when somebody looks, that can be asked why it decided."""

from typing import TYPE_CHECKING, Any

import mesa
import numpy as np

from transition_sim.agents.neighbours import by_product_links
from transition_sim.agents.reasons import explain
from transition_sim.world.state import ACTIVE

if TYPE_CHECKING:
    from transition_sim.world.world import World


class Enterprise(mesa.Agent):
    """One enterprise; every field of ``world.state.ENTERPRISE_TABLES`` reads as an attribute.

    Attributes
    ----------
    row : int
        Row of the enterprise in every table; stable while the run lives.

    Examples
    --------
    ``enterprise.output_cny``, ``enterprise.capability``, ``enterprise.why()``
    """

    def __init__(self, model: mesa.Model, row: int):
        super().__init__(model)
        self.row = row

    @property
    def _world(self) -> "World":
        return self.model.world

    def __getattr__(self, field: str) -> Any:
        if field.startswith("_"):
            raise AttributeError(field)
        try:
            value = self.model.world.state.enterprises[field][self.row]
        except KeyError:
            raise AttributeError(f"an enterprise has no field {field!r}") from None
        return value.item()

    @property
    def id(self) -> str:
        return self._world.labels["enterprises"][self.row]

    @property
    def name(self) -> str:
        return self._world.labels["enterprise_attributes"]["name_en"][self.row]

    @property
    def sector_id(self) -> str:
        return self._world.labels["sectors"][self.sector]

    @property
    def county_id(self) -> str:
        return self._world.labels["counties"][self.county]

    @property
    def fuel_gj(self) -> dict[str, float]:
        """Fuel used this quarter by carrier, GJ."""
        row = self._world.state.fuel_gj[self.row]
        return {c: float(v) for c, v in zip(self._world.labels["carriers"], row, strict=True)}

    @property
    def equipment(self) -> list[dict[str, Any]]:
        """Active assets: service, technology, vintage (quarter), capacity in units of the service per year."""
        state, labels = self._world.state, self._world.labels
        used = state.assets[: state.n_assets]
        rows = np.flatnonzero((state.slots["enterprise"][used["slot"]] == self.row) & (used["status"] == ACTIVE))
        return [
            {
                "service": labels["services"][state.slots["service"][used["slot"][r]]],
                "technology": labels["technologies"][used["technology"][r]],
                "commissioned_quarter": int(used["commissioned_quarter"][r]),
                "capacity_unit_per_year": float(used["capacity_unit_per_year"][r]),
            }
            for r in rows
        ]

    @property
    def allowances(self) -> dict[str, float]:
        """Its account in the carbon market: bank, allocation, trade and surrender; empty where it has none."""
        return self._world.carbon.account_of("enterprise", self.row)

    @property
    def suppliers(self) -> list["Enterprise"]:
        """The enterprises that it buys from."""
        graph = self._world.state.graph
        rows = graph.supplier[graph.supplier_start[self.row] : graph.supplier_start[self.row + 1]]
        return [self.model.enterprise(int(r)) for r in rows]

    @property
    def by_product_links(self) -> list[dict[str, Any]]:
        """Its links by by-products: what, whether it gives, with whom, since when, and how much a year (SM18)."""
        return by_product_links(self._world, self.row)

    def why(self, language: str = "en") -> list[str]:
        """Return its decisions as sentences: what it saw, what it cost, why it chose, what would have changed it."""
        return explain(self._world, self.row, language)
