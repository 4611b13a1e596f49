"""Owners of public and commercial buildings: who can sign a contract with an energy service company (SM09, SM20).

Buildings are cohorts; contracts are signed by owners. Those of a kind have lognormal sizes around its mean, laid on the
middles of equal shares of the owners, so that no draw is needed and their floor adds up to that of the kind. Companies
know those whose energy is audited: by order 32 of 2015 public bodies from 10,000 m2 on, once in five years.
"""

import numpy as np

from transition_sim.core.tables import Field, allocate

OWNERS = (  # writer: agents.building_contracts
    Field("kind", "-", "row of its kind of building", "i2"),
    Field("has_equipment", "-", "conditioning and lighting were renewed under contract", "?"),
    Field("has_roof", "-", "a company's photovoltaics stand on its roof", "?"),
    Field("floor_m2", "m2", "floor of the base year", low=0),
    Field("use_gj", "GJ/yr", "electricity of the base year", low=0),
)


def owner_floors_m2(floor_m2: float, mean_m2: float, log_sd: float) -> np.ndarray:
    """Return the floor of the owners of a kind, largest first, shape (n,): lognormal, sum ``floor_m2``.

    Parameters
    ----------
    floor_m2 : float
        Of the kind.
    mean_m2 : float
        Of an owner; 0: nobody can sign.
    log_sd : float
        Standard deviation of the logarithm.
    """
    from scipy.special import ndtri

    n = max(1, round(floor_m2 / mean_m2)) if mean_m2 > 0.0 and floor_m2 > 0.0 else 0
    weights = np.exp(-log_sd * ndtri((np.arange(n) + 0.5) / max(1, n)))
    return floor_m2 * weights / weights.sum() if n else weights


def open_owners(rows: np.ndarray, kinds: np.ndarray, log_sd: float, audited_m2: float) -> np.ndarray:
    """Return the owners of all kinds of buildings who are audited, those who use most electricity first.

    Parameters
    ----------
    rows, kinds : structured arrays, shape (K,)
        Buildings of the base year, and the table of kinds.
    log_sd : float
        Standard deviation of the logarithm of floor.
    audited_m2 : float
        Smallest floor of an owner whose energy is audited.
    """
    floors = [
        owner_floors_m2(float(row["start_m2"]), float(kind["owner_m2"]), log_sd)
        for row, kind in zip(rows, kinds, strict=True)
    ]
    floors = [f[f >= audited_m2] for f in floors]
    owners = allocate(OWNERS, sum(f.size for f in floors))
    if owners.size:
        owners["kind"] = np.repeat(np.arange(len(floors)), [f.size for f in floors])
        owners["floor_m2"] = np.concatenate(floors)
        owners["use_gj"] = owners["floor_m2"] * rows["power_gj_per_m2"][owners["kind"]]
    return owners[np.argsort(-owners["use_gj"], kind="stable")]
