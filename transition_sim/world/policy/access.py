"""Access of new projects: the review of specific energy, saturated sectors, and who can get a permit (SM11, L13)."""

import numpy as np

from transition_sim.core.kernels import compiled, entered, merged, part
from transition_sim.scenarios.rows import NOT_FOR_SALE
from transition_sim.world.policy.phase_out import specific_energy_kgce_per_t

NO_REVIEW_STRICTNESS = 2.0
_ROUNDING_SHARE = 1e-9


@part
def is_approved(
    is_reviewed,
    specific_kgce_per_unit,
    benchmark_kgce_per_unit,
    strictness,
    utilisation_share,
    saturation_share,
    net_addition_unit_per_year,
):
    """Tell whether one project passes: efficient enough, and no net addition where the sector is saturated.

    Parameters
    ----------
    is_reviewed : bool
        Its sector is on the list: cement, building materials, chemicals, metals, data centres.
    specific_kgce_per_unit, benchmark_kgce_per_unit : float
        Energy per unit of the project, and the advanced level; both with or both without electricity. A benchmark of
        0: none is set, the energy is not judged.
    strictness : float
        Multiple of the benchmark that is still approved; from 2 there is no review at all (neutral).
    utilisation_share, saturation_share : float
        Use of the sector's capacity, and the use below which it is saturated.
    net_addition_unit_per_year : float
        Capacity that the project adds less what it retires.
    """
    if strictness >= NO_REVIEW_STRICTNESS or not is_reviewed:
        return True
    allowed = benchmark_kgce_per_unit * strictness * (1.0 + _ROUNDING_SHARE)
    if benchmark_kgce_per_unit > 0.0 and specific_kgce_per_unit > allowed:
        return False
    return utilisation_share >= saturation_share or net_addition_unit_per_year <= 0.0


@compiled
def approve(
    is_reviewed,
    specific_kgce_per_unit,
    benchmark_kgce_per_unit,
    strictness,
    utilisation_share,
    saturation_share,
    net_addition_unit_per_year,
):
    """Return which projects are approved, bool, shape (n,): ``is_approved`` of each.

    Parameters
    ----------
    is_reviewed, specific_kgce_per_unit, benchmark_kgce_per_unit, utilisation_share, net_addition_unit_per_year :
        ndarray, shape (n,)
        A row a project; the use is that of its sector.
    strictness, saturation_share : float
    """
    approved = np.empty(is_reviewed.size, np.bool_)
    for row in range(approved.size):
        approved[row] = is_approved(
            is_reviewed[row], specific_kgce_per_unit[row], benchmark_kgce_per_unit[row], strictness,
            utilisation_share[row], saturation_share, net_addition_unit_per_year[row],
        )  # fmt: skip
    return approved


@entered
def may_have_permit(kiln_slots, slots, permitted_t_per_year, retired_t_per_year, is_limited, may):
    """Write for which slots of kilns a capacity permit can be had (SM11, L09, L10); other slots need none.

    Without a ban or a ratio the place grants permits. Under them a new kiln is possible only within capacity that
    retires: the kiln that it replaces, or permits of retired capacity that the enterprise holds.

    Parameters
    ----------
    kiln_slots : ndarray of int
    slots : structured array, shape (n_slots,)
    permitted_t_per_year, retired_t_per_year : ndarray, shape (N,)
        Capacity in permits, and permits of retired capacity that can be swapped.
    is_limited : bool
        New lines must bring retired permits.
    may : ndarray of bool, shape (n_slots,)
        Written.
    """
    for s in kiln_slots:
        i = slots[s].enterprise
        may[s] = not is_limited or permitted_t_per_year[i] + retired_t_per_year[i] > 0.0


@merged
def sale_years(technologies, first_year, strictness, benchmark_kgce_per_t):
    """Return the first year in which each technology can be bought, shape (n_technologies,) (L13).

    Kilns that fail the review of energy are not for sale: what no project can pass is no option. The review judges
    fuel: the access value of the catalogue is a fuel figure.

    Parameters
    ----------
    first_year : ndarray, shape (n_technologies,)
        Without review (``world.experience.first_years``).
    strictness, benchmark_kgce_per_t : float
    """
    years = first_year.copy()
    for k in range(technologies.size):
        kind = technologies[k]
        if kind.needs_permit > 0:
            kgce_per_t = specific_energy_kgce_per_t(kind.fuel_gj_per_unit, 0.0)
            if not is_approved(True, kgce_per_t, benchmark_kgce_per_t, strictness, 1.0, 0.0, 0.0):
                years[k] = NOT_FOR_SALE
    return years
