"""Financiers as Mesa agents: banks with balance sheets, and the green fund that stands behind collateral."""

from typing import TYPE_CHECKING

import mesa

if TYPE_CHECKING:
    from transition_sim.world.world import World


class Financier(mesa.Agent):
    """Somebody who lends or guarantees."""

    @property
    def _world(self) -> "World":
        return self.model.world


class Bank(Financier):
    """A bank: loans and reserves against deposits, central-bank facility and capital.

    Attributes
    ----------
    bank : int
        Index of the bank.
    """

    def __init__(self, model: mesa.Model, bank: int):
        super().__init__(model)
        self.bank = bank

    @property
    def id(self) -> str:
        return self._world.labels["banks"][self.bank]

    @property
    def balance_sheet(self) -> dict[str, float]:
        """Loans, reserves, deposits, facility and capital, CNY."""
        books = self._world.banks
        names = ("loans_cny", "reserves_cny", "deposits_cny", "facility_cny", "capital_cny")
        return {name: float(getattr(books, name)[self.bank]) for name in names}


class GreenFund(Financier):
    """Guarantees green loans: raises the share of collateral that a bank accepts."""

    @property
    def size_cny(self) -> float:
        return float(self._world.green_fund_cny)
