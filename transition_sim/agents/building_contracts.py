"""Energy performance contracts with owners of public and commercial buildings (SM09, SM20, L29).

At the end of a year companies offer what staff enterprises leave them to owners of buildings, the largest users of
electricity first: new conditioning and lighting, and photovoltaics for the load at midday. The owner puts in nothing
and keeps a share of a saving that the company guarantees, so it prefers every offer of a company that it trusts; in
public bodies the fee counts as spending on energy. What a contract is worth is linear in size but for the cost of
dealing, so the best technology is the same for all owners and small ones are not visited.
"""

from typing import NamedTuple

import numpy as np

from transition_sim.agents.contracts import (
    Offer,
    company_for,
    contract_value_cny,
    finance_offer,
    is_trusted,
    terms_of,
    write_contract,
)
from transition_sim.core.kernels import compiled, lean
from transition_sim.core.philox import uniforms_at
from transition_sim.core.units import GJ_PER_MWH
from transition_sim.world.markets.banks import lending_room
from transition_sim.world.markets.energy_service import BUILDING, CONTRACT_ROW, projects_left

NOBODY = -1
LAG_QUARTERS = 1
"""Signed at the end of a year, at work from the next: buildings live by the year."""
KW_PER_MW = 1e3


class Market(NamedTuple):
    """What companies offer to owners of buildings and what electricity costs these.

    Attributes
    ----------
    standard : int
        Technology of conditioning and lighting that buildings have.
    roof : int
        Technology of photovoltaics.
    cny_per_mwh : float
        What the city pays for electricity.
    midday_mw_per_mw : float
        Load at midday over the mean load.
    year : int
    """

    standard: int
    roof: int
    cny_per_mwh: float
    midday_mw_per_mw: float
    year: int


class Offering(NamedTuple):
    """What companies have for owners: equipment and photovoltaics of one unit of size, and GJ that a unit saves."""

    equipment: Offer
    roof: Offer
    saved_gj_per_unit: float


@lean
def offer_of_unit(technology, years, unit, saving_cny_per_unit, capacity, capex_cny, p):
    """Return the offer of one unit of size, cost of dealing apart; technology -1 where it does not pay in time."""
    saving_cny = saving_cny_per_unit * unit
    if years <= 0.0 or saving_cny <= 0.0 or capex_cny > p.service_longest_payback_years * saving_cny:
        return Offer(np.int64(-1), -1.0, BUILDING, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, False)
    value = contract_value_cny(
        saving_cny, p.service_company_share, years, p.service_capital_cost_per_year, capex_cny, 0.0
    )
    return Offer(
        np.int64(technology), value, BUILDING, years, unit, saving_cny_per_unit, capacity, capex_cny, 0.0, True
    )


@lean
def equipment_offer(technologies, capex_factor, market, p):
    """Return the best offer a GJ/yr of the standard equipment: what it saves less dearer upkeep, at full price."""
    old, price = technologies[market.standard], market.cny_per_mwh / GJ_PER_MWH
    old_upkeep = old.capex_cny_per_unit * capex_factor[market.standard] * old.om_share_per_year
    best = offer_of_unit(-1, 0.0, 0.0, 0.0, 0.0, 0.0, p)
    for k in range(technologies.size):
        new = technologies[k]
        if new.service != old.service or new.contract_years <= 0 or new.available_year > market.year:
            continue
        capex = new.capex_cny_per_unit * capex_factor[k]
        saving = (old.elec_gj_per_unit - new.elec_gj_per_unit) * price + old_upkeep - capex * new.om_share_per_year
        units = 1.0 / old.elec_gj_per_unit
        offer = offer_of_unit(
            k, float(new.contract_years), units, saving, p.sizing_margin * units, p.sizing_margin * units * capex, p
        )
        if offer.technology >= 0 and offer.value_cny > best.value_cny:
            best = offer
    return best


@lean
def roof_offer(technologies, capex_factor, market, p):
    """Return the offer of a megawatt of photovoltaics that the load at midday takes up."""
    panel, hours = technologies[market.roof], p.public_roof_hours
    capex = panel.capex_cny_per_unit * capex_factor[market.roof]
    saving = market.cny_per_mwh - capex * panel.om_share_per_year / hours
    return offer_of_unit(market.roof, float(panel.contract_years), hours, saving, 1.0, capex, p)


@lean
def sized(offer, size, terms):
    """Return an offer of a size, the cost of dealing taken off its value."""
    return Offer(
        offer.technology, offer.value_cny * size - terms.dealing_cny, offer.kind, offer.years,
        offer.unit_per_year * size, offer.saving_cny_per_unit, offer.capacity * size, offer.capex_cny * size, 0.0, True,
    )  # fmt: skip


@lean
def roof_mw(owner, market, p):
    """Return the photovoltaics of an owner, MW: at most its roof, and what its load at midday takes up (SM06)."""
    mean_mw = owner.use_gj / GJ_PER_MWH / 8760.0
    by_roof_mw = owner.floor_m2 * p.roof_per_floor * p.roof_pv_kw_per_m2 / KW_PER_MW
    return min(by_roof_mw, p.roof_pv_load_share * market.midday_mw_per_mw * mean_mw)


@lean
def sign(row, offer, kind, companies, room_cny, terms, p):
    """Let the company with free staff and most cash sign an offer that bank and company can carry; tell whether."""
    e = company_for(companies)
    if e < 0:
        return False
    company = companies[e]
    loan = finance_offer(offer, company, 0.0, room_cny, terms, p)
    if loan < 0.0:
        return False
    write_contract(row, offer, NOBODY, kind, e, company.bank, 0.0, loan, LAG_QUARTERS, terms, p)
    company.cash_cny -= offer.capex_cny + terms.dealing_cny - loan
    company.projects_left -= 1.0
    room_cny[company.bank] -= loan
    return True


@lean
def count_prospects(owners, kinds, offering, market, terms, p):
    """Return how many owners, from the largest user on, are worth a visit."""
    for n in range(owners.size):
        owner = owners[n]
        by_equipment = sized(offering.equipment, owner.use_gj * kinds[owner.kind].hvac_share, terms).value_cny
        if by_equipment < 0.0 and sized(offering.roof, roof_mw(owner, market, p), terms).value_cny < 0.0:
            return n
    return owners.size


@lean
def serve_owner(owner, row, hvac_share, offering, contracts, n, companies, room_cny, market, terms, p):
    """Offer one owner equipment and a roof; write what is signed, return how many contracts there are then."""
    equipment = sized(offering.equipment, owner.use_gj * hvac_share, terms)
    is_wanted = not owner.has_equipment and equipment.value_cny >= 0.0 and n < contracts.size
    if is_wanted and sign(contracts[n], equipment, owner.kind, companies, room_cny, terms, p):
        owner.has_equipment = True
        row.contract_saving_gj += equipment.unit_per_year * offering.saved_gj_per_unit
        n += 1
    roof = sized(offering.roof, roof_mw(owner, market, p), terms)
    is_wanted = not owner.has_roof and roof.value_cny >= 0.0 and n < contracts.size
    if is_wanted and sign(contracts[n], roof, owner.kind, companies, room_cny, terms, p):
        owner.has_roof = True
        row.contract_pv_mw += roof.capacity
        n += 1
    return n


@lean
def see_offering(technologies, capex_factor, market, p):
    """Return what companies have for owners this year."""
    equipment = equipment_offer(technologies, capex_factor, market, p)
    saved = 0.0
    if equipment.technology >= 0:
        saved = technologies[market.standard].elec_gj_per_unit - technologies[equipment.technology].elec_gj_per_unit
    return Offering(equipment, roof_offer(technologies, capex_factor, market, p), saved)


@compiled
def offer_to_buildings(
    owners, rows, kinds, technologies, capex_factor, market, companies, lenders, draws, decimal_year, quarter, params,
    levers,
):  # fmt: skip
    """Sign contracts with owners of buildings until the staff of the companies is taken (SM09).

    Parameters
    ----------
    owners : structured array of ``world.city.owners.OWNERS``, shape (n,)
        Largest users first; what they sign is marked.
    rows, kinds : structured arrays, shape (K,)
        Buildings by kind, whose saving and photovoltaics under contract are written, and their table.
    technologies : structured array
    capex_factor : ndarray, shape (n_technologies,)
    market : Market
    companies : structured array of ``COMPANIES``
        Cash and staff are written.
    lenders : quarter.funding Lenders
    draws : tuple
        Where the numbers of the quarter stand (``core.streams.Streams.address``).
    decimal_year : float
    quarter : int
    params, levers : structured arrays, shape (1,)

    Returns
    -------
    contracts : structured array of ``CONTRACTS``, shape (n_signed,)
    dealing_cny : float
        What all the dealing cost.
    """
    p, lever, most = params[0], levers[0], projects_left(companies)
    contracts, n = np.zeros(most, CONTRACT_ROW), 0
    if most == 0 or market.cny_per_mwh <= 0.0:
        return contracts[:0], 0.0
    terms = terms_of(decimal_year, quarter, p, lever)
    room_cny = lending_room(
        lenders.capital_cny, lenders.loans_cny, lenders.facility_cny, lenders.plan_book_cny,
        p.bank_lending_growth_per_year, p.capital_ratio_min_share,
    )  # fmt: skip
    offering = see_offering(technologies, capex_factor, market, p)
    prospects = count_prospects(owners, kinds, offering, market, terms, p)
    uniforms = uniforms_at(draws[0], draws[1], draws[2], np.arange(prospects))
    for k in range(prospects):
        owner = owners[k]
        row = rows[owner.kind]
        if n == most:
            break
        if is_trusted(row.service_trust, lever.esco_promotion, uniforms[k], p):
            n = serve_owner(
                owner, row, kinds[owner.kind].hvac_share, offering, contracts, n, companies, room_cny, market, terms, p
            )
    return contracts[:n], n * terms.dealing_cny
