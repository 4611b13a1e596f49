"""What equipment is on offer, how mature it is and who in the country uses it: the same for all (SM06, SM07, SM17)."""

from typing import NamedTuple

import numpy as np

from transition_sim.agents.peers import national_shares
from transition_sim.core.kernels import compiled
from transition_sim.scenarios.rows import NOT_FOR_SALE
from transition_sim.world.experience import immaturity, national_deployment
from transition_sim.world.policy.access import sale_years
from transition_sim.world.policy.energy_budget import without_coal


class Offers(NamedTuple):
    """Equipment as everybody sees it; K technologies, U services.

    Attributes
    ----------
    first_year, immaturity, national_share : ndarray, shape (K,)
        Year from which it can be bought, 0 to 1, and the share among users of its service in the country.
    national_adopters_share : ndarray, shape (U,)
    """

    first_year: np.ndarray
    immaturity: np.ndarray
    national_share: np.ndarray
    national_adopters_share: np.ndarray


@compiled
def see_offers(
    technologies, n_services, first_year, burns_coal, is_adoption, national_start, national_growth, shown_share,
    coal_headroom_tce, effort_years, decimal_year, params, levers,
):  # fmt: skip
    """Return what enterprises know of equipment this quarter.

    Parameters
    ----------
    technologies : structured array, shape (K,)
    n_services : int
    first_year : ndarray, shape (K,)
        After research and demonstration, before review (L13).
    burns_coal, is_adoption : ndarray of bool, shape (K,)
        ``burns_coal`` is read where the coal budget is used up (L15).
    national_start, national_growth : ndarray, shape (n_groups,)
        Deployment in the country in 2020, and its growth a year.
    shown_share : ndarray, shape (K,)
        What pilots elsewhere show (SM23).
    coal_headroom_tce, effort_years, decimal_year : float
    params, levers : structured arrays, shape (1,)

    Returns
    -------
    tuple : the parts of ``Offers``
    """
    p, lever = params[0], levers[0]
    years = sale_years(technologies, first_year, lever.access_strictness, p.access_benchmark_kgce_per_t)
    if not coal_headroom_tce > 0.0:
        years = without_coal(years, burns_coal, NOT_FOR_SALE)
    now = national_deployment(national_start, national_growth, decimal_year)
    share, adopters = national_shares(technologies, is_adoption, national_start, now, n_services, shown_share)
    # regional cooperation shows more of other places (L49, SM23)
    reach = 1.0 + p.cooperation_reach * lever.regional_cooperation
    for k in range(share.size):
        share[k] = min(1.0, reach * share[k])
    for u in range(adopters.size):
        adopters[u] = min(1.0, reach * adopters[u])
    return years, immaturity(technologies, p.immature_decline_per_year, 1.0, effort_years), share, adopters
