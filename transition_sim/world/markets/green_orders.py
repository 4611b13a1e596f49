"""What goes into the green-power market: sellers, buyers, terms, contracts, and what a buyer would pay (SM14).

A buyer wants in two tranches: what a mandate still asks of it, for which it would pay the penalty on top of its
willingness, and what it wants of its own will. Bids stand in that order: rows 0..n-1 mandated, n..2n-1 voluntary.
"""

from typing import NamedTuple

import numpy as np

from transition_sim.core.kernels import compiled, merged, part
from transition_sim.world.state import LARGE, SOE


class Sellers(NamedTuple):
    """Renewable generators, one row each.

    Attributes
    ----------
    metered_mwh : ndarray, shape (n_sellers,)
        Generation of the quarter that is not under legacy feed-in purchase, >= 0.
    ask_cny_per_mwh : ndarray
        Lowest premium accepted, >= 0.
    is_local : ndarray of bool
        In the place: can feed a direct line.
    certificates_mwh : ndarray
        Whole certificates not yet traded, those of this quarter's generation included: issue before trading.
    """

    metered_mwh: np.ndarray
    ask_cny_per_mwh: np.ndarray
    is_local: np.ndarray
    certificates_mwh: np.ndarray


class Buyers(NamedTuple):
    """Users of electricity, one row each.

    Attributes
    ----------
    use_mwh : ndarray, shape (n_buyers,)
        Metered purchases of the quarter, >= 0.
    mandate_mwh, voluntary_mwh : ndarray
        Required (L21 times use), and wanted beyond that; together at most the use.
    willingness_cny_per_mwh : ndarray
        Limit for a voluntary MWh (``willingness_to_pay`` without a mandate), >= 0.
    is_soe : ndarray of bool
    has_direct_line : ndarray of bool
        May take power over a direct line.
    """

    use_mwh: np.ndarray
    mandate_mwh: np.ndarray
    voluntary_mwh: np.ndarray
    willingness_cny_per_mwh: np.ndarray
    is_soe: np.ndarray
    has_direct_line: np.ndarray


class Terms(NamedTuple):
    """Levers, rules and the last price; all floats.

    Attributes
    ----------
    access_share : float
        Share of renewable generation open to trading (L20), 0 to 1.
    certificate_share : float
        Share of the certificates not sold with power that is offered unbundled, 0 to 1.
    line_mw, line_hours : float
        Capacity of direct lines (L22) and hours of the quarter.
    direct_saving_cny_per_mwh : float
        Network charge that a direct line saves the buyer; raises its limit there.
    listing_share : float
        Share of the offer left after contracts that is posted; the rest, and what is not taken, goes to auction.
    k : float
        Place of the price in the clearing interval, 0 to 1.
    penalty_cny_per_mwh : float
        For a MWh short of the mandate.
    deviation_share : float
        Share of the contract price charged per MWh that a side fails to deliver or use (0.10).
    reference_cny_per_mwh : float
        Last market price (``Prices.reference_cny_per_mwh``); nan: none yet.
    """

    access_share: float
    certificate_share: float
    line_mw: float
    line_hours: float
    direct_saving_cny_per_mwh: float
    listing_share: float
    k: float
    penalty_cny_per_mwh: float
    deviation_share: float
    reference_cny_per_mwh: float


class Contracts(NamedTuple):
    """Annual contracts, one row each: MWh a quarter at a premium, flat over the year.

    Attributes
    ----------
    seller, buyer : ndarray of i8, shape (n_contracts,)
    mwh_per_quarter, premium_cny_per_mwh : ndarray
    """

    seller: np.ndarray
    buyer: np.ndarray
    mwh_per_quarter: np.ndarray
    premium_cny_per_mwh: np.ndarray


@merged
def willingness_to_pay(
    mandate_short_mwh, penalty, buyer_pressure, v_b, green_commitment, v_g, zero_carbon_park, v_z, quota, v_q
):
    """Return the highest premium a buyer would pay for a green MWh, CNY/MWh (SM14); scalars or arrays of one shape.

    Parameters
    ----------
    mandate_short_mwh : float
        Still to be bought under a mandate; > 0 adds the penalty. 0: a voluntary MWh.
    penalty, v_b, v_g, v_z, v_q : float
        CNY/MWh: penalty for a MWh short; value per unit of buyers' pressure (20), of an own commitment (10), of being
        in a zero-carbon park (60), and shadow price of the energy quota.
    buyer_pressure, green_commitment, zero_carbon_park, quota : float
        >= 0; the last three 0 or 1.

    Notes
    -----
    The carbon market adds nothing: indirect emissions left it with the 2023-24 plan.
    """
    voluntary = buyer_pressure * v_b + green_commitment * v_g + zero_carbon_park * v_z + quota * v_q
    return (mandate_short_mwh > 0.0) * penalty + voluntary


@part
def voluntary_demand_mwh(use_mwh, mandate_mwh, buyer_pressure, green_commitment, zero_carbon_park, quota):
    """Return what one buyer wants beyond its mandate: its strongest motive, 0 to 1, is the share of use it wants green.

    SM14 gives a limit price and no quantity; buyers who ask for a share of green supply ask for that share of power.
    """
    share = min(1.0, max(buyer_pressure, green_commitment, zero_carbon_park, quota))
    return max(0.0, share * use_mwh - mandate_mwh)


class Motives(NamedTuple):
    """What makes enterprises want green power beside their buyers and their own commitment (SM14).

    Attributes
    ----------
    is_zero_carbon_park : bool
        The place is a zero-carbon park, or builds one: its core indicator counts power from elsewhere.
    quota_cny_per_mwh : ndarray, shape (N,)
        What a MWh that does not count as energy spares an enterprise in rights to use energy (L28); 0: none are due.
    """

    is_zero_carbon_park: bool
    quota_cny_per_mwh: np.ndarray


@merged
def enterprises_as_buyers(energy, conduct, finance, green_power, motives, mandate_share, v_b, v_g, v_z, has_own_grid):
    """Return what enterprises want this quarter, and write their willingness to pay into ``green_power`` (SM14).

    Parameters
    ----------
    energy, conduct, finance, green_power : structured arrays, shape (N,)
        Purchases; pressure and commitment; size and owner; the large may take power over a direct line.
    motives : Motives
    mandate_share : float
        L21, share of use.
    v_b, v_g, v_z : float
        CNY/MWh, see ``willingness_to_pay``.
    has_own_grid : bool
        All can take power over a direct line (L22).
    """
    n = energy.size
    use_mwh, mandate_mwh, voluntary_mwh, willing = np.empty(n), np.empty(n), np.empty(n), np.empty(n)
    is_soe, has_line = np.empty(n, np.bool_), np.empty(n, np.bool_)
    in_park = 1.0 if motives.is_zero_carbon_park else 0.0
    for i in range(n):
        pressure, committed = conduct[i].buyer_pressure, 1.0 if conduct[i].is_committed else 0.0
        v_q = motives.quota_cny_per_mwh[i]
        short = 1.0 if v_q > 0.0 else 0.0
        use_mwh[i] = energy[i].purchased_mwh
        mandate_mwh[i] = mandate_share * use_mwh[i]
        voluntary_mwh[i] = voluntary_demand_mwh(use_mwh[i], mandate_mwh[i], pressure, committed, in_park, short)
        willing[i] = willingness_to_pay(0.0, 0.0, pressure, v_b, committed, v_g, in_park, v_z, short, v_q)
        green_power[i].willingness_cny_per_mwh = willing[i]
        is_soe[i], has_line[i] = finance[i].ownership == SOE, has_own_grid or finance[i].size_class == LARGE
    return Buyers(use_mwh, mandate_mwh, voluntary_mwh, willing, is_soe, has_line)


@part
def green_power_cny_per_mwh(energy_cny_per_mwh, premium_cny_per_mwh):
    """Return the price of green power: energy plus environmental premium (SM14)."""
    return energy_cny_per_mwh + premium_cny_per_mwh


@compiled
def no_contracts():
    """Return an empty table of contracts."""
    return Contracts(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0), np.empty(0))


def without_buyers(contracts: Contracts, is_gone: np.ndarray) -> Contracts:
    """Return the contracts without those of buyers that are out of business.

    Parameters
    ----------
    is_gone : ndarray of bool, shape (n_buyers,)
    """
    left = ~is_gone[contracts.buyer]
    return Contracts(*(column[left] for column in contracts))


@part
def wanted_by_tranche(buyers, share):
    """Return whole MWh wanted, mandated then voluntary, shape (2 n,).

    Raises
    ------
    ValueError
        Where use or wants are negative, or a buyer wants more than it uses.
    """
    n = buyers.use_mwh.shape[0]
    wanted_mwh = np.empty(2 * n)
    for i in range(n):
        use, mandate, voluntary = buyers.use_mwh[i], buyers.mandate_mwh[i], buyers.voluntary_mwh[i]
        if not (use >= 0.0 and mandate >= 0.0 and voluntary >= 0.0 and buyers.willingness_cny_per_mwh[i] >= 0.0):
            raise ValueError("use, mandate, voluntary demand and willingness of a buyer must not be negative")
        if mandate + voluntary > use * (1.0 + 1e-9):
            raise ValueError("a buyer wants more green power than it uses: mandate + voluntary must not exceed use")
        wanted_mwh[i] = min(np.floor(share * mandate), np.floor(use))
        is_worth_it = buyers.willingness_cny_per_mwh[i] > 0.0
        wanted_mwh[n + i] = min(np.floor(share * voluntary), np.floor(use) - wanted_mwh[i]) if is_worth_it else 0.0
    return wanted_mwh


@part
def limit_by_tranche(buyers, penalty_cny_per_mwh):
    """Return limit prices, mandated then voluntary, shape (2 n,)."""
    willing = buyers.willingness_cny_per_mwh
    return np.concatenate((willing + penalty_cny_per_mwh, willing))


@part
def check_terms(terms):
    """Refuse shares outside 0 to 1 and negative amounts, with a ``ValueError``."""
    for share in (
        terms.access_share,
        terms.certificate_share,
        terms.listing_share,
        terms.k,
        terms.deviation_share,
    ):
        if not 0.0 <= share <= 1.0:
            raise ValueError("every share in the terms of green power must lie between 0 and 1")
    for amount in (terms.line_mw, terms.line_hours, terms.direct_saving_cny_per_mwh, terms.penalty_cny_per_mwh):
        if not amount >= 0.0:
            raise ValueError("capacities, hours, savings and penalties of green power must not be negative")


@part
def check_sellers(sellers):
    """Refuse negative generation and MWh without a certificate, with a ``ValueError``."""
    for j in range(sellers.metered_mwh.shape[0]):
        if not (sellers.metered_mwh[j] >= 0.0 and sellers.ask_cny_per_mwh[j] >= 0.0):
            raise ValueError("metered generation and ask of a seller must not be negative")
        if sellers.certificates_mwh[j] < np.floor(sellers.metered_mwh[j]):
            raise ValueError("every metered MWh needs its certificate: issue certificates before trading")
