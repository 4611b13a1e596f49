"""How by-product links come to be, last and end: hazard, trust, the exit of a partner, and waste collected (SM18)."""

import numpy as np

from transition_sim.core.kernels import entered, lean
from transition_sim.world.symbiosis.exchange import benefit_cny_per_unit, own_cost_cny

FORMED, ENDED, BROKEN = range(3)
"""What can happen to a pair: a link forms, ends because it no longer pays, or breaks because a partner closes."""


def recovery_share(rate_per_year: float, years: np.ndarray) -> np.ndarray:
    """Return the annuity of a yuan over a life, 1/yr; years > 0."""
    return rate_per_year / -np.expm1(-years * np.log1p(rate_per_year))


def programme_share(waste_programme: float, circular_parks: float) -> float:
    """Return the share of pairs that a programme reaches: 1 - (1 - L41)(1 - L42); 0 without either.

    What enterprises arranged without a programme is in the inputs and sales of the base year.
    """
    return 1.0 - (1.0 - waste_programme) * (1.0 - circular_parks)


@lean
def link_probability(speed_per_year, benefit_share, trust, reached_share):
    """Return the probability of a link within a year: 1 - exp(-lambda max(0, NB/ref) trust reached) (SM18).

    Parameters
    ----------
    benefit_share : float
        Net over gross benefit: the reference is what the pair could gain at no cost.
    trust, reached_share : float
        0 to 1.
    """
    return 1.0 - np.exp(-speed_per_year * max(0.0, benefit_share) * trust * reached_share)


@lean
def pair_trust(start, platform_trust, earned_giver, earned_taker):
    """Return the trust of a pair: start, shared platforms, and what both earned by working links; at most 1."""
    return min(1.0, start + platform_trust + 0.5 * (earned_giver + earned_taker))


@lean
def is_holding(who, finance):
    """Tell whether a partner is still there; power plants are."""
    return who >= finance.size or finance[who].is_alive


@lean
def part(pair, giver, taker):
    """End a link: neither side promises its capacity any longer."""
    pair.is_linked = False
    pair.flow_unit = 0.0
    giver.promised_unit -= pair.capacity_unit_per_year
    taker.promised_unit -= pair.capacity_unit_per_year


@entered
def break_links(linked, pairs, ends, finance, earned_trust, trust_loss, happened):
    """Break the links of those who closed, and return how many; the partner that is left trusts less."""
    n_broken = 0
    for k in linked:
        pair = pairs[k]
        giver, taker = ends[pair.giver], ends[pair.taker]
        gives, takes = is_holding(giver.who, finance), is_holding(taker.who, finance)
        if gives and takes:
            continue
        left = giver.who if gives else taker.who
        earned_trust[left] = max(0.0, earned_trust[left] - trust_loss)
        part(pair, giver, taker)
        happened[n_broken] = k
        n_broken += 1
    return n_broken


@entered
def end_links(linked, pairs, ends, products, slots, charge_cny_per_t, happened):
    """End the links whose running cost exceeds what they save, and return how many; plants and pipes are sunk."""
    n_ended = 0
    for k in linked:
        pair = pairs[k]
        giver, taker = ends[pair.giver], ends[pair.taker]
        gross, running = benefit_cny_per_unit(
            products[giver.product], taker, pair.distance_km, charge_cny_per_t, own_cost_cny(taker, slots)
        )
        if gross < running:
            part(pair, giver, taker)
            happened[n_ended] = k
            n_ended += 1
    return n_ended


@entered
def earn_trust(linked, pairs, ends, earned_trust, growth, highest, is_partner):
    """Raise the trust of everybody with a working link by a year of success."""
    for w in range(earned_trust.size):
        is_partner[w] = False
    for k in linked:
        if pairs[k].flow_unit > 0.0:
            is_partner[ends[pairs[k].giver].who] = True
            is_partner[ends[pairs[k].taker].who] = True
    for w in range(earned_trust.size):
        if is_partner[w]:
            earned_trust[w] = min(highest, earned_trust[w] + growth)


@entered
def form_links(
    pairs, ends, products, recovery, slots, finance, earned_trust, start_trust, platform_trust, saved_share,
    reached_share, speed_per_year, charge_cny_per_t, quarter, uniforms, happened,
):  # fmt: skip
    """Let pairs agree on a link, in their order, and return how many did; ``happened`` holds their rows.

    A link takes what both can still spare of a year. Its plant and pipe are paid back by an annuity; what it saves is
    valued at the prices of the day.

    Parameters
    ----------
    recovery : ndarray, shape (n_products,)
        Annuity of a yuan, 1/yr.
    platform_trust, saved_share : float
        Of shared platforms: trust, and part of the cost of plants and pipes (L42).
    reached_share : float
        See ``programme_share``.
    uniforms : ndarray, shape (n_pairs,)
    """
    n_formed = 0
    for k in range(pairs.size):
        pair = pairs[k]
        if pair.is_linked:
            continue
        giver, taker = ends[pair.giver], ends[pair.taker]
        volume = min(giver.year_unit - giver.promised_unit, taker.year_unit - taker.promised_unit)
        product = products[giver.product]
        if volume < product.smallest_unit_per_year:
            continue
        if not (is_holding(giver.who, finance) and is_holding(taker.who, finance)):
            continue
        gross, running = benefit_cny_per_unit(
            product, taker, pair.distance_km, charge_cny_per_t, own_cost_cny(taker, slots)
        )
        annuity = recovery[giver.product] * (
            product.plant_cny * volume + product.pipe_cny_per_km * pair.distance_km
        )  # fmt: skip
        if gross <= 0.0:
            continue
        share = (gross - running - (1.0 - saved_share) * annuity / volume) / gross
        trust = pair_trust(start_trust, platform_trust, earned_trust[giver.who], earned_trust[taker.who])
        if uniforms[k] < link_probability(speed_per_year, share, trust, reached_share):
            pair.is_linked, pair.since_quarter = True, quarter
            pair.capacity_unit_per_year, pair.annuity_cny_per_year = volume, annuity
            giver.promised_unit += volume
            taker.promised_unit += volume
            happened[n_formed] = k
            n_formed += 1
    return n_formed


def next_collected_share(
    collected: float, programme: float, price_index: float, base: float, full: float, speed: float, elasticity: float
) -> float:
    """Return the share of recyclables collected after a year: it nears what programme and price call for (I19).

    Parameters
    ----------
    programme : float
        L41, 0 to 1.
    price_index : float
        Price of metals, base year = 1.
    """
    wanted = min(1.0, (base + (full - base) * programme) * price_index**elasticity)
    return collected + speed * (wanted - collected)
