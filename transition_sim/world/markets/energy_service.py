"""Energy service companies and their contracts: shared savings, loans, trust, default of either side (SM09).

A company pays for equipment in somebody else's works and takes a share of what it saves for some years; then the
equipment is the customer's. Customer and company agree on the value of a saved unit when they sign [A], so what is
paid each quarter follows the units that the equipment really gives: an idle boiler saves nothing. All money is CNY.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from transition_sim.core.errors import ConservationError
from transition_sim.core.kernels import compiled, lean
from transition_sim.core.tables import Field, allocate, dtype_of, put_rows
from transition_sim.world.services import GENERATION, KINDS, MEASURE, STORAGE
from transition_sim.world.state import ACTIVE

CUSTOMERS_A_COMPANY = 100
FEWEST, MOST = 3, 20
"""Companies of a place: one a hundred enterprises and audited owners of buildings; bounds of specification 2.4."""
TOLERANCE_CNY = 1e-4
BUILDING = len(KINDS)
"""Kind of a contract with the owner of a public or commercial building."""

COMPANIES = (  # writer: this module and agents.contracts
    Field("bank", "-", "index of its bank", "i2"),
    Field("is_alive", "-", "in business", "?"),
    Field("quarters_overdrawn", "-", "consecutive quarters without cash", "i2"),
    Field("cash_cny", "CNY", "own funds that are not in equipment; negative: overdrawn"),
    Field("opening_cny", "CNY", "what its owners put in", low=0),
    Field("projects_left", "-", "contracts that its staff can still take on", low=0),
)
CONTRACTS = (  # writer: this module and agents.contracts
    Field("company", "-", "row of the energy service company", "i2"),
    Field("bank", "-", "index of the bank that lent", "i2"),
    Field("kind", "-", "0 service, 1 measure, 2 generation, 3 storage, 4 building", "i1"),
    Field("is_running", "-", "savings are shared, now or once the equipment works", "?"),
    Field("enterprise", "-", "row of the customer; -1 a building", "i4"),
    Field("slot", "-", "slot of the equipment; row of the kind of a building", "i4"),
    Field("technology", "-", "index of the technology", "i4"),
    Field("start_quarter", "-", "in which the equipment begins to work", "i4"),
    Field("end_quarter", "-", "in which it becomes the customer's", "i4"),
    Field("quarters_left", "-", "payments of the loan to come", "i4"),
    Field("capacity_unit_per_year", "unit/yr", "size", low=0),
    Field("unit_per_year", "unit/yr", "service on which the promise rests", low=0),
    Field("saving_cny_per_unit", "CNY/unit", "agreed value of a unit", low=0),
    Field("company_share", "-", "of the saving that goes to the company", low=0, high=1),
    Field("capex_cny", "CNY", "what the company pays for the equipment, grant taken off", low=0),
    Field("principal_cny", "CNY", "loan outstanding", low=0),
    Field("rate_per_quarter", "1/quarter", "interest of the loan", low=0),
    Field("payment_cny", "CNY/quarter", "equal payment of interest and principal", low=0),
    Field("promised_cny", "CNY", "saving promised in this year so far", low=0),
    Field("realised_cny", "CNY", "saving that came in this year so far", low=0),
)
CONTRACT_ROW = dtype_of(CONTRACTS)


class Yields(NamedTuple):
    """What devices give in a quarter: MWh per MW of roofs, MWh per MWh of storage."""

    roof: float
    storage: float


class Settlement(NamedTuple):
    """Payments of a quarter: fees of enterprises and of buildings, interest and principal by bank, shape (B,).

    ``longest_overdrawn`` is the largest number of quarters in a row that a company has been without cash.
    """

    fee_cny: float
    building_fee_cny: float
    interest_cny: np.ndarray
    principal_cny: np.ndarray
    longest_overdrawn: int


@dataclass
class EnergyService:
    """The companies of a place and their contracts.

    Attributes
    ----------
    companies : structured array of ``COMPANIES``
    contracts : structured array of ``CONTRACTS``
        Its first ``n_contracts`` rows are in use; rows that have ended are dropped when the table is full.
    booked_cny : float
        Cash of all companies when the books were closed last.
    signed : int
    capex_cny, industry_capex_cny, building_capex_cny, fee_cny : float
        Of the quarter, as ``signed``: equipment of new contracts, that in industry, that in public and commercial
        buildings, and fees of customers.
    """

    companies: np.ndarray
    contracts: np.ndarray = field(default_factory=lambda: allocate(CONTRACTS, 64))
    n_contracts: int = 0
    booked_cny: float = 0.0
    signed: int = 0
    capex_cny: float = 0.0
    industry_capex_cny: float = 0.0
    building_capex_cny: float = 0.0
    fee_cny: float = 0.0

    @classmethod
    def open(cls, n_customers: int, n_banks: int, opening_cny: float) -> "EnergyService":
        """Found the companies of a place, banks in turn."""
        companies = allocate(COMPANIES, min(MOST, max(FEWEST, n_customers // CUSTOMERS_A_COMPANY)))
        companies["bank"], companies["is_alive"] = np.arange(companies.size) % max(1, n_banks), True
        companies["cash_cny"] = companies["opening_cny"] = opening_cny
        return cls(companies, booked_cny=float(companies["cash_cny"].sum()))

    @property
    def in_use(self) -> np.ndarray:
        """Rows of contracts that are in use."""
        return self.contracts[: self.n_contracts]

    def open_quarter(self) -> None:
        """Empty the sums of the quarter."""
        self.signed = 0
        self.capex_cny = self.industry_capex_cny = self.building_capex_cny = self.fee_cny = 0.0

    def sign(self, rows: np.ndarray) -> None:
        """Append contracts; a full table first drops those that have ended, then doubles."""
        if self.n_contracts + rows.size > self.contracts.size:
            kept = self.in_use[self.in_use["is_running"] | (self.in_use["quarters_left"] > 0)]
            grown = allocate(CONTRACTS, max(self.contracts.size, 2 * (kept.size + rows.size)))
            grown[: kept.size] = kept
            self.contracts, self.n_contracts = grown, kept.size
        put_rows(self.contracts, self.n_contracts, rows.view(CONTRACT_ROW))
        self.n_contracts += rows.size

    def close_books(self, quarter_label: str) -> float:
        """Return what the cash of all companies changed since the books were closed last, CNY (B08).

        Raises
        ------
        ConservationError
            A company out of business owes or owns something.
        """
        cash_cny, is_alive = self.companies["cash_cny"].tolist(), self.companies["is_alive"].tolist()
        before_cny, self.booked_cny = self.booked_cny, sum(cash_cny)
        left_cny = sum(abs(cash) for cash, alive in zip(cash_cny, is_alive, strict=True) if not alive)
        if not left_cny <= TOLERANCE_CNY:
            raise ConservationError("B08 failed energy service companies", left_cny, "CNY", quarter_label)
        return self.booked_cny - before_cny


# --- a quarter --------------------------------------------------------------------------------------------------------


@lean
def hire(companies, promotion, p):
    """Give the companies another quarter of the year's projects of the staff that promotion brings to the place (L29).

    What was not used is kept for at most a year. Without promotion no company works in the place.
    """
    a_year = promotion * p.service_staff * p.service_projects_a_person_per_year
    for e in range(companies.size):
        company = companies[e]
        company.projects_left = min(a_year, company.projects_left + 0.25 * a_year) if company.is_alive else 0.0


@lean
def projects_left(companies):
    """Return how many contracts the staff of all companies can still take on."""
    most = 0
    for e in range(companies.size):
        most += int(companies[e].projects_left)
    return most


@lean
def given_unit(contract, slots, assets, yields):
    """Return what the equipment of a contract gives in a quarter, and whether it is there at all."""
    slot = slots[contract.slot]
    a = slot.first_asset
    while a >= 0:
        asset = assets[a]
        if (
            asset.status == ACTIVE
            and asset.technology == contract.technology
            and asset.commissioned_quarter == contract.start_quarter
        ):
            if contract.kind == GENERATION:
                return contract.capacity_unit_per_year * yields.roof, True
            if contract.kind == STORAGE:
                return contract.capacity_unit_per_year * yields.storage, True
            if contract.kind == MEASURE:
                return min(slots[slot.host].demand_unit, 0.25 * contract.capacity_unit_per_year), True
            return asset.output_unit, True
        a = asset.next_asset
    return 0.0, False


@lean
def share_savings(contract, slots, assets, finance, flows, yields, quarter):
    """Let the customer pay the company's share of what was saved, and return it, CNY.

    A contract ends with its term, with the customer, or with the equipment (death before its time, replacement).
    Buildings save what the company guarantees; their fees are no flow of an enterprise.
    """
    if not contract.is_running or quarter < contract.start_quarter:
        return 0.0
    given = 0.25 * contract.unit_per_year
    if contract.kind != BUILDING:
        given, is_there = given_unit(contract, slots, assets, yields)
        if not is_there or not finance[contract.enterprise].is_alive:
            contract.is_running = False
            return 0.0
    saved_cny = given * contract.saving_cny_per_unit
    fee_cny = contract.company_share * saved_cny
    if contract.kind != BUILDING:
        flows[contract.enterprise].energy_service_cny += fee_cny
    contract.realised_cny += saved_cny
    contract.promised_cny += 0.25 * contract.unit_per_year * contract.saving_cny_per_unit
    contract.is_running = quarter + 1 < contract.end_quarter
    return fee_cny


@compiled
def settle_contracts(
    contracts, companies, slots, assets, finance, flows, roof_yield_mwh_per_mw, params, quarter, n_banks
):
    """Pay fees and debt service of all contracts of a quarter (SM09).

    Writes ``flows.energy_service_cny`` of customers, whose cash moves in settlement, and the cash of the companies.

    Returns
    -------
    Settlement
    """
    p = params[0]
    yields = Yields(0.25 * roof_yield_mwh_per_mw, 0.25 * p.storage_cycles_per_day * p.storage_days_per_year)
    fees_cny, of_buildings_cny, interest, principal = 0.0, 0.0, np.zeros(n_banks), np.zeros(n_banks)
    for k in range(contracts.size):
        contract = contracts[k]
        fee_cny = share_savings(contract, slots, assets, finance, flows, yields, quarter)
        cost_cny = paid_cny = 0.0
        if contract.quarters_left > 0:
            cost_cny = contract.principal_cny * contract.rate_per_quarter
            paid_cny = contract.principal_cny
            if contract.quarters_left > 1:
                paid_cny = min(paid_cny, max(0.0, contract.payment_cny - cost_cny))
            contract.principal_cny -= paid_cny
            contract.quarters_left -= 1
            interest[contract.bank] += cost_cny
            principal[contract.bank] += paid_cny
        companies[contract.company].cash_cny += fee_cny - cost_cny - paid_cny
        if contract.kind == BUILDING:
            of_buildings_cny += fee_cny
        else:
            fees_cny += fee_cny
    longest = 0
    for e in range(companies.size):
        company = companies[e]
        company.quarters_overdrawn = company.quarters_overdrawn + 1 if company.cash_cny < 0.0 else 0
        longest = max(longest, company.quarters_overdrawn)
    return Settlement(fees_cny, of_buildings_cny, interest, principal, longest)


@compiled
def close_failed(contracts, companies, conduct, buildings, quarters_allowed, lgd_share, trust_memory, n_banks):
    """Close companies that have been without cash for too long; return what it means (SM08, SM09).

    Their loans are written off, contracts end and the equipment stays with the customers, who do not forget: to them
    nothing of the promise came true. Owners of buildings hear of it from each other, kind by kind. What a company owes
    beyond the loans its owners cover.

    Returns
    -------
    (written_off_cny, recovered_cny) : ndarrays, shape (B,)
    covered_cny : float
    n_failed : int
    """
    written, recovered = np.zeros(n_banks), np.zeros(n_banks)
    covered_cny, n_failed = 0.0, 0
    was_let_down = np.zeros(buildings.size, np.bool_)
    for e in range(companies.size):
        company = companies[e]
        if company.quarters_overdrawn < quarters_allowed:
            continue
        n_failed += 1
        covered_cny -= company.cash_cny
        company.is_alive, company.cash_cny, company.projects_left, company.quarters_overdrawn = False, 0.0, 0.0, 0
        for k in range(contracts.size):
            contract = contracts[k]
            if contract.company != e:
                continue
            written[contract.bank] += lgd_share * contract.principal_cny
            recovered[contract.bank] += contract.principal_cny - lgd_share * contract.principal_cny
            contract.principal_cny, contract.quarters_left = 0.0, 0
            if contract.is_running:
                contract.is_running = False
                if contract.kind != BUILDING:
                    conduct[contract.enterprise].service_trust *= trust_memory
                else:
                    was_let_down[contract.slot] = True
        for k in range(buildings.size):
            if was_let_down[k]:
                buildings[k].service_trust *= trust_memory
                was_let_down[k] = False
    return written, recovered, covered_cny, n_failed


@compiled
def book_contracts(contracts, sector, is_industry, technology_orders, n_banks):
    """Count what new contracts order; return (equipment, that in industry, in buildings, loans by bank), CNY.

    Parameters
    ----------
    sector : ndarray of int, shape (N,)
    is_industry : ndarray of bool, shape (S,)
    technology_orders : ndarray, shape (n_technologies,)
        Of enterprises; written.
    """
    capex_cny = industry_cny = building_cny = 0.0
    lent = np.zeros(n_banks)
    for k in range(contracts.size):
        contract = contracts[k]
        capex_cny += contract.capex_cny
        lent[contract.bank] += contract.principal_cny
        if contract.kind == BUILDING:
            building_cny += contract.capex_cny
            continue
        technology_orders[contract.technology] += 1.0
        if is_industry[sector[contract.enterprise]]:
            industry_cny += contract.capex_cny
    return capex_cny, industry_cny, building_cny, lent


@compiled
def pay_owners(companies):
    """Pay out the cash above twice what owners put in, like the idle cash of other enterprises; return it, CNY."""
    paid_cny = 0.0
    for e in range(companies.size):
        idle_cny = max(0.0, companies[e].cash_cny - 2.0 * companies[e].opening_cny)
        companies[e].cash_cny -= idle_cny
        paid_cny += idle_cny
    return paid_cny


@compiled
def lent_cny(contracts, n_banks):
    """Return the loans of the companies by bank, CNY, shape (B,)."""
    lent = np.zeros(n_banks)
    for k in range(contracts.size):
        lent[contracts[k].bank] += contracts[k].principal_cny
    return lent
