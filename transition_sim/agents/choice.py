"""Which option an enterprise takes: levelised cost, utility, logit, one draw; and the log that tells why (SM06)."""

from math import exp

import numpy as np

from transition_sim.agents.investment import SERVICE
from transition_sim.agents.levelised import levelised_cost
from transition_sim.agents.options import is_feasible, keep_cost, option_terms, what_is_there
from transition_sim.agents.outlook import Equipment, Firms, Outlook, Site, room_for_prices, see_case
from transition_sim.agents.peers import Peers, users_share
from transition_sim.agents.seen_options import SeenOptions
from transition_sim.core.kernels import compiled, lean, merged, part
from transition_sim.core.tables import dtype_of
from transition_sim.world.assets import technology_capacity
from transition_sim.world.state import DECISIONS, MAX_OPTIONS, OPTIONS_DTYPE, UNSET

__all__ = [
    "CHOICES_DTYPE",
    "KEEP",
    "Equipment",
    "Firms",
    "Outlook",
    "Site",
    "choice_probabilities",
    "decide_options",
    "decide_seen",
    "draw",
    "levelised_cost",
    "utility",
]

KEEP = UNSET
"""Technology of the option to keep what is there."""

CHOICES_DTYPE = dtype_of(DECISIONS)
"""One decision, which is also its line in the log. ``subsidy_cny``: the award applied for."""

_CAPACITY, _CAPEX, _SUBSIDY, _REPLACES, _MARGIN = range(5)


@part
def utility(relative_cost, immaturity, capability, peer_share, is_green, buyer_pressure, is_committed, disruption, p):
    """Return the utility of an option, in units of the mean levelised cost (SM06).

    Parameters
    ----------
    relative_cost : float
        Levelised cost over the mean of the options.
    immaturity, capability, peer_share, disruption : float
        0 to 1; disruption and immaturity are 0 for what is already there.
    is_green, is_committed : bool or number
    buyer_pressure : float
    p : record of the parameters
    """
    green = 1.0 if is_green > 0 else 0.0
    return (
        -relative_cost
        - p.utility_immature * immaturity * (1.0 - capability)
        + p.utility_peer * peer_share
        + p.utility_buyer * green * buyer_pressure
        + (p.utility_green * green if is_committed else 0.0)
        - p.utility_disrupt * disruption
    )


@merged
def choice_probabilities(utilities, noise):
    """Return the logit probabilities exp(V/noise) / sum, which sum to 1 (SM06, A04, A05).

    Parameters
    ----------
    utilities : ndarray, shape (n,)
        Finite, n at least 1.
    noise : float
        In the unit of the utilities. 0: the best, ties shared evenly; infinite: all alike. The largest utility is
        taken off first, so nothing overflows.

    Raises
    ------
    ValueError
        A negative noise.
    """
    probabilities = np.empty(utilities.size)
    fill_probabilities(utilities, noise, probabilities)
    return probabilities


@lean
def fill_probabilities(utilities, noise, probabilities):
    """Write what ``choice_probabilities`` returns."""
    if not noise >= 0.0:
        raise ValueError("the noise of a choice must be 0 or more")
    best = utilities[0]
    for k in range(1, utilities.size):
        best = max(best, utilities[k])
    total = 0.0
    for k in range(utilities.size):
        if utilities[k] == best or np.isinf(noise):
            probabilities[k] = 1.0
        elif noise == 0.0:
            probabilities[k] = 0.0
        else:
            probabilities[k] = exp((utilities[k] - best) / noise)
        total += probabilities[k]
    for k in range(utilities.size):
        probabilities[k] /= total


@lean
def draw(probabilities, uniform):
    """Return the option that a uniform in [0, 1) falls on: the inverse of the cumulated probabilities.

    Rounding can leave their sum below 1: what lies beyond falls on the last option that is possible.
    """
    cumulated, last = 0.0, 0
    for k in range(probabilities.size):
        if probabilities[k] > 0.0:
            cumulated += probabilities[k]
            last = k
            if uniform < cumulated:
                return k
    return last


@lean
def _add(options, n, technology, cost):
    if n >= MAX_OPTIONS:
        raise ValueError("a slot has more options than the log can hold")
    options[n].technology = technology
    options[n].levelised_cost_cny_per_unit = cost
    return n + 1


@part
def service_ranges(technologies, n_services):
    """Return the first and the last technology of each service; what lies between may belong to another."""
    first, last = np.full(n_services, technologies.size), np.full(n_services, -1)
    for k in range(technologies.size):
        service = technologies[k].service
        first[service] = min(first[service], k)
        last[service] = k
    return first, last


@lean
def list_options(
    case, slot, firm, sector, there, keep_cny_per_unit, candidates, allowed, equipment, prices, scope1, options, terms,
    p, lever,
):  # fmt: skip
    """Fill the options of one slot, keeping first where it is allowed, and return how many there are.

    Where what is there is too small and nothing can be bought it is kept all the same.

    Parameters
    ----------
    case : Case
    slot, firm : records of ``SLOTS`` and ``CONDUCT``
    sector : int
    there : tuple
        Use of a unit of service without investment.
    keep_cny_per_unit : float
    candidates : (int, int)
        First and last technology of the service.
    allowed : (float, bool, bool)
        Year, gas connection, capacity permit.
    prices, scope1 : ndarray, shape (n_carriers,)
    options : ndarray of ``OPTIONS_DTYPE``, shape (MAX_OPTIONS,)
        Writes technology and levelised cost.
    terms : ndarray, shape (MAX_OPTIONS, 5)
        Writes capacity, capex, subsidy, whether it replaces, and the margin that its cost must beat.
    """
    technologies, assets = equipment.technologies, equipment.assets
    capex_factor, first_year = equipment.capex_factor, equipment.first_year
    year, has_gas, has_permit = allowed
    n = 0
    terms[0, :] = 0.0
    if case.may_keep:
        n = _add(options, n, KEEP, keep_cny_per_unit)
    for k in range(candidates[0], candidates[1] + 1):
        technology = technologies[k]
        if not is_feasible(
            technology, first_year[k], slot.service, sector, firm.capability, year, has_gas, has_permit,
            lever.coal_boiler_size_limit_t_per_h,
        ):  # fmt: skip
            continue
        own = technology_capacity(slot.first_asset, assets, k) if technology.max_demand_share < 1.0 else 0.0
        cost, capacity, capex, subsidy, replaces = option_terms(
            case, technology, k, own, capex_factor[k], there, prices[technology.carrier], scope1[technology.carrier],
            p, lever,
        )  # fmt: skip
        if capacity > 0.0:
            n = _add(options, n, k, cost)
            terms[n - 1, _CAPACITY], terms[n - 1, _CAPEX], terms[n - 1, _SUBSIDY] = capacity, capex, subsidy * capex
            terms[n - 1, _REPLACES] = 1.0 if replaces else 0.0
            is_scrapping = replaces and case.may_keep and case.kind == SERVICE
            terms[n - 1, _MARGIN] = p.scrap_margin_share if is_scrapping else 0.0
    if n == 0 and case.is_short:
        n = _add(options, n, KEEP, keep_cny_per_unit)
    return n


@lean
def mean_cost(options, n):
    """Return the mean of the absolute levelised costs, the unit of utility; 1 where all are 0."""
    total = 0.0
    for k in range(n):
        total += abs(options[k].levelised_cost_cny_per_unit)
    return total / n if total > 0.0 else 1.0


@lean
def weigh_options(options, terms, n, i, main_technology, peers, technologies, immaturity, firm, p):
    """Write utility and probability of the options; peers and buyers count for equipment that is there, too."""
    seen = options[:n]
    unit_cny = mean_cost(options, n)
    for k in range(n):
        technology = options[k].technology
        is_new = technology != KEEP
        at = technology if is_new else main_technology
        cost = options[k].levelised_cost_cny_per_unit * (1.0 + terms[k, _MARGIN])
        if at < 0:
            options[k].utility = -cost / unit_cny
            continue
        options[k].utility = utility(
            cost / unit_cny, immaturity[at] if is_new else 0.0, firm.capability,
            users_share(i, technologies[at].service, at, peers, p), technologies[at].is_green, firm.buyer_pressure,
            firm.is_committed, technologies[at].disrupt if is_new else 0.0, p,
        )  # fmt: skip
    fill_probabilities(seen.utility, p.choice_noise, seen.probability)


@lean
def runner_up(options, n, chosen):
    """Return the most likely option that was not chosen, the first where equal; -1 without any."""
    best = UNSET
    for k in range(n):
        if k != chosen and (best < 0 or options[k].utility > options[best].utility):
            best = k
    return best


@lean
def switch_share(options, terms, n, chosen, second):
    """Return the fall of the runner-up's levelised cost, as a share, that would have made both equally good.

    Negative where the runner-up was already better and the draw went against it; NaN without a runner-up or where
    it costs nothing. The unit of utility is held.
    """
    if second < 0 or options[second].levelised_cost_cny_per_unit <= 0.0:
        return np.nan
    cost = options[second].levelised_cost_cny_per_unit * (1.0 + terms[second, _MARGIN])
    return (options[chosen].utility - options[second].utility) * mean_cost(options, n) / cost


@lean
def write_choice(choice, options, terms, n, chosen):
    """Write what was chosen and the best of the rest into the line of the log."""
    second = runner_up(options, n, chosen)
    choice.n_options = n
    choice.chosen = options[chosen].technology
    choice.runner_up = options[second].technology if second >= 0 else KEEP
    choice.is_order = options[chosen].technology != KEEP
    choice.replaces = terms[chosen, _REPLACES] > 0.0
    choice.capacity_unit_per_year = terms[chosen, _CAPACITY]
    choice.capex_cny = terms[chosen, _CAPEX]
    choice.subsidy_cny = terms[chosen, _SUBSIDY]
    choice.switch_capex_share = switch_share(options, terms, n, chosen, second)


@compiled
def _decide_rows(
    rows, firms, equipment, outlook, site, peers, params, levers, quarter, year, uniforms, choices, options, first,
    least,
):  # fmt: skip
    """Write choices, the options of each behind those before it, and where they begin; return where the last end.

    Each takes the room of ``least`` options at least: ``MAX_OPTIONS`` for a table with a row each.
    """
    first_of_service, last_of_service = service_ranges(equipment.technologies, equipment.services.size)
    return _decide_each(
        rows, firms, equipment, outlook, site, peers, params[0], levers[0], quarter, year, uniforms, choices,
        options, first, least, first_of_service, last_of_service, np.zeros((MAX_OPTIONS, 5)),
        room_for_prices(outlook.growth_per_year, params[0]),
    )  # fmt: skip


@lean
def see_options(
    s, firms, equipment, outlook, site, p, lever, quarter, year, options, first_of_service, last_of_service, terms,
    room,
):  # fmt: skip
    """Fill the options of a slot and their terms; return how many there are and the main technology of the slot."""
    slots, technologies, scope1 = equipment.slots, equipment.technologies, outlook.scope1_tco2_per_gj
    slot = slots[s]
    i = slot.enterprise
    case, prices = see_case(s, slots, equipment.services, firms, outlook, site, quarter, room, p), room.cny_per_gj
    there, om = what_is_there(
        s, slots, equipment.slot_start, equipment.assets, technologies, case.process_tco2, prices, scope1
    )
    keep = keep_cost(case, there, om, technologies, prices, scope1, p)
    candidates = first_of_service[slot.service], last_of_service[slot.service]
    allowed = float(year), site.has_gas[i], site.has_permit[s]
    n = list_options(
        case, slot, firms.conduct[i], firms.production[i].sector, there, keep, candidates, allowed, equipment,
        prices, scope1, options, terms, p, lever,
    )  # fmt: skip
    return n, case.main_technology


@lean
def _decide_each(
    rows, firms, equipment, outlook, site, peers, p, lever, quarter, year, uniforms, choices, options, first,
    least, first_of_service, last_of_service, terms, room,
):  # fmt: skip
    slots, technologies, at = equipment.slots, equipment.technologies, 0
    for r in range(rows.size):
        s = rows[r]
        slot, choice = slots[s], choices[r]
        i, seen, first[r] = slot.enterprise, options[at : at + MAX_OPTIONS], at
        n, main_technology = see_options(
            s, firms, equipment, outlook, site, p, lever, quarter, year, seen, first_of_service,
            last_of_service, terms, room,
        )  # fmt: skip
        choice.slot, choice.enterprise, choice.service, choice.uniform = s, i, slot.service, uniforms[r]
        choice.must_close = n == 0
        choice.chosen, choice.runner_up, choice.switch_capex_share = KEEP, KEEP, np.nan
        if n > 0:
            weigh_options(
                seen, terms, n, i, main_technology, peers, technologies, equipment.immaturity, firms.conduct[i], p
            )
            write_choice(choice, seen, terms, n, draw(seen[:n].probability, uniforms[r]))
        at += max(n, least)
    return at


def decide_options(
    rows: np.ndarray,
    firms: Firms,
    equipment: Equipment,
    outlook: Outlook,
    site: Site,
    peers: Peers,
    params: np.ndarray,
    levers: np.ndarray,
    quarter: int,
    year: int,
    uniforms: np.ndarray,
    room: tuple[np.ndarray, np.ndarray] | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Return what the looking slots see and choose; nothing is written into the state (SM06).

    Replacing equipment that lives and suffices must beat its running cost by the margin of early scrapping: without
    noise the choice is then the rule VC_old > LC_new (1 + margin) of SM04. The mean levelised cost is taken over the
    absolute costs of the options, which is the same wherever costs are positive and keeps the sign where they are not.

    Parameters
    ----------
    rows : ndarray of int, shape (n_looking,)
        Slots that look.
    firms, equipment, outlook, site : named tuples of arrays
    peers : Peers
        Who uses what among neighbours, which gives F_ik.
    params, levers : structured arrays, shape (1,)
    quarter, year : int
    uniforms : ndarray, shape (n_looking,)
        The named uniform of each slot that looks.
    room : tuple of ndarrays, optional
        Zeroed lines that become ``choices``, shape (n_looking,), and work space that becomes ``options``, shape (at
        least n_looking, MAX_OPTIONS).

    Returns
    -------
    choices : ndarray of ``CHOICES_DTYPE``, shape (n_looking,)
    options : ndarray of ``OPTIONS_DTYPE``, shape (n_looking, MAX_OPTIONS)
        The first ``n_options`` of each row; technology -1 is to keep.
    """
    if room is None:
        room = np.zeros(rows.size, CHOICES_DTYPE), np.zeros((rows.size, MAX_OPTIONS), OPTIONS_DTYPE)
    choices, options = room[0], room[1][: rows.size]
    _decide_rows(
        np.ascontiguousarray(rows, np.int64), firms, equipment, outlook, site, peers, params, levers, quarter,
        year, uniforms, choices, options.reshape(-1), np.empty(rows.size, np.int64), MAX_OPTIONS,
    )  # fmt: skip
    return choices, options


def decide_seen(
    rows: np.ndarray, firms: Firms, equipment: Equipment, outlook: Outlook, site: Site, peers: Peers,
    params: np.ndarray, levers: np.ndarray, quarter: int, year: int, uniforms: np.ndarray, room: SeenOptions,
) -> tuple[np.ndarray, SeenOptions]:  # fmt: skip
    """Return what ``decide_options`` does, options one behind the other; ``room`` holds ``MAX_OPTIONS`` a row."""
    choices = np.zeros(rows.size, CHOICES_DTYPE)
    n = _decide_rows(
        np.ascontiguousarray(rows, np.int64), firms, equipment, outlook, site, peers, params, levers, quarter,
        year, uniforms, choices, room.listed, room.first, 0,
    )  # fmt: skip
    return choices, SeenOptions(room.listed[:n], room.first)
