"""Who uses which energy for what: sector mixes spread over enterprises and fitted to the energy balance (4.1 step 5).

Each enterprise gets its equipment first: technologies of a service lie side by side on a line by their share of the
sector's use, enterprises by their share of its output, and an enterprise has what lies over it. So the mix of the
sector is kept exactly, large works have large boilers, and hardly anybody has every technology. Then the energy of
enterprises is drawn around the sector's use per output and fitted by iterative proportional fitting to two margins:
the energy of each enterprise, and the balance of each carrier.
"""

from dataclasses import dataclass

import numpy as np

from transition_sim.core.streams import Streams
from transition_sim.scenarios import registry
from transition_sim.scenarios.spec import PlaceSpec
from transition_sim.world.population.roster import Roster
from transition_sim.world.reference import Reference

ROUNDS = 400
TOLERANCE = 1e-10
CNY_PER_10K = 1e4
SIZE_ORDER_LOG_SD = 1.0
"""Spread of the order in which enterprises take technologies, on the log of their output [A]."""


@dataclass(frozen=True)
class Uses:
    """What enterprises use, one row an enterprise, service and technology.

    Attributes
    ----------
    enterprise, service, technology : ndarray of int, shape (U,)
    service_unit : ndarray, shape (U,)
        Service a year, in the unit of the service.
    fuel_gj, elec_gj : ndarray, shape (U,)
        Final fuel (carrier of the technology) and electricity, GJ/yr.
    """

    enterprise: np.ndarray
    service: np.ndarray
    technology: np.ndarray
    service_unit: np.ndarray
    fuel_gj: np.ndarray
    elec_gj: np.ndarray


def overlaps(row_shares: np.ndarray, column_shares: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return (row, column, share) where two divisions of the same line overlap; shares sum to 1.

    Rows sum to ``row_shares`` and columns to ``column_shares`` exactly: a joint distribution with at most
    n + k - 1 cells (the north-west corner rule).
    """
    row_end, column_end = np.cumsum(row_shares), np.cumsum(column_shares)
    row_end, column_end = row_end / row_end[-1], column_end / column_end[-1]
    ends = np.unique(np.concatenate([row_end, column_end]))
    length = np.diff(np.concatenate([[0.0], ends]))
    middle = ends - 0.5 * length
    rows = np.minimum(np.searchsorted(row_end, middle), row_end.size - 1)
    columns = np.minimum(np.searchsorted(column_end, middle), column_end.size - 1)
    keep = length > 1e-12
    return rows[keep], columns[keep], length[keep]


def fit_proportionally(
    seed: np.ndarray, row: np.ndarray, column: np.ndarray, row_totals: np.ndarray, column_totals: np.ndarray
) -> np.ndarray:
    """Return cells scaled to two margins in turn until both hold; the columns hold at the end (IPF, B04).

    Parameters
    ----------
    seed : ndarray, shape (n,)
        Cells > 0, a sparse table.
    row, column : ndarray of int, shape (n,)
    row_totals, column_totals : ndarray
        Rows are scaled as a whole to the sum of the columns: columns are the published figures.

    Raises
    ------
    ValueError
        A column with a total and no cell.
    """
    cells = seed.astype(float).copy()
    have = np.bincount(column, cells, column_totals.size)
    orphans = np.flatnonzero((column_totals > 0) & (have <= 0))
    if orphans.size:
        raise ValueError(f"nothing can take the total of column {orphans[0]}")
    rows_wanted = row_totals * (float(column_totals.sum()) / float(row_totals.sum()))
    for _ in range(ROUNDS):
        sums = np.bincount(row, cells, row_totals.size)
        cells *= (rows_wanted / np.where(sums > 0, sums, 1.0))[row]
        have = np.bincount(column, cells, column_totals.size)
        factor = column_totals / np.where(have > 0, have, 1.0)
        cells *= factor[column]
        if np.abs(factor[column_totals > 0] - 1.0).max(initial=0.0) < TOLERANCE:
            break
    return cells


def sector_mix(sector: str, reference: Reference) -> dict[str, list[tuple[int, float]]]:
    """Return for each service of a sector its technologies and their main final energy, GJ per 10 thousand CNY.

    The main energy of a technology is its fuel, or electricity where it burns none; auxiliary electricity follows.
    """
    technology_ids, carriers = list(registry.technology_ids()), list(registry.carrier_ids())
    mix: dict[str, list[tuple[int, float]]] = {}
    for cell in registry.sector_energy():
        if cell.sector != sector:
            continue
        k = technology_ids.index(cell.technology)
        if carriers.index(cell.carrier) == _main_carrier(reference.technologies[k], len(carriers) - 1):
            mix.setdefault(cell.service, []).append((k, cell.final_gj_per_10k_cny))
    return mix


def _main_carrier(technology: np.void, electricity: int) -> int:
    return int(technology["carrier"]) if technology["fuel_gj_per_unit"] > 0 else electricity


def hand_out_equipment(roster: Roster, reference: Reference, streams: Streams) -> tuple[np.ndarray, ...]:
    """Return (enterprise, service, technology, main energy in GJ/yr) of what the sector mixes give, before fitting."""
    service_ids, sector_ids = list(registry.service_ids()), list(registry.sector_ids())
    found: tuple[list, ...] = ([], [], [], [])
    for s in np.unique(roster.sector):
        rows = np.flatnonzero(roster.sector == s)
        output = roster.output_cny[rows]
        for service, mix in sector_mix(sector_ids[s], reference).items():
            holders = rows if service != "CLINKER" else rows[roster.clinker_t[rows] > 0]
            weight = roster.output_cny[holders] if service != "CLINKER" else roster.clinker_t[holders]
            if holders.size == 0:
                continue
            normals = streams.normals(f"population.order.{sector_ids[s]}.{service}", 0, holders.size)
            order = np.argsort(-(np.log(weight) + SIZE_ORDER_LOG_SD * normals), kind="stable")
            ranked = sorted(mix, key=lambda m: -float(reference.technologies["min_capability"][m[0]]))
            total_gj = sum(gj for _, gj in mix) * output.sum() / CNY_PER_10K
            line, column, share = overlaps(weight[order], np.array([gj for _, gj in ranked]))
            found[0].append(holders[order][line])
            found[1].append(np.full(line.size, service_ids.index(service)))
            found[2].append(np.array([k for k, _ in ranked])[column])
            found[3].append(share * total_gj)
    return tuple(np.concatenate(part) for part in found)


def fit_uses(place: PlaceSpec, roster: Roster, reference: Reference, params: np.ndarray, streams: Streams) -> Uses:
    """Return the uses of all enterprises, fitted to the energy balance of the place.

    Clinker is given in tonnes, and feedstock on its own line of the balance; what is left of each carrier after them
    and after the auxiliary electricity of furnaces and boilers is fitted.
    """
    technologies, carriers = reference.technologies, list(registry.carrier_ids())
    clinker, feed = (list(registry.service_ids()).index(u) for u in ("CLINKER", "FEED"))
    electricity = len(carriers) - 1
    enterprise, service, technology, energy = hand_out_equipment(roster, reference, streams)
    kind = technologies[technology]
    main = np.where(kind["fuel_gj_per_unit"] > 0, kind["carrier"], electricity)
    main_per_unit = np.where(kind["fuel_gj_per_unit"] > 0, kind["fuel_gj_per_unit"], kind["elec_gj_per_unit"])
    aux_ratio = np.where(kind["fuel_gj_per_unit"] > 0, kind["elec_gj_per_unit"] / main_per_unit, 0.0)

    is_clinker, is_feed = service == clinker, service == feed
    made = _clinker_energy(enterprise, energy, is_clinker, main_per_unit, roster)
    energy = np.where(is_clinker, made, energy)
    target, feed_target = _balance(place, carriers)
    energy[is_feed] *= (
        feed_target[main] / np.maximum(np.bincount(main, energy * is_feed, len(carriers)), 1e-300)[main]
    )[is_feed]
    target = target - np.bincount(main, energy * is_clinker, len(carriers))
    target[electricity] -= float((energy * aux_ratio)[is_clinker].sum())
    free = ~(is_clinker | is_feed)
    if (target < 0).any():
        short = carriers[int(np.argmin(target))]
        raise ValueError(f"the clinker lines alone use more {short} than the energy balance gives to enterprises")
    energy[free] = _fit(
        energy[free], enterprise[free], main[free], aux_ratio[free], target, electricity, roster, params, streams
    )
    fuel = np.where(kind["fuel_gj_per_unit"] > 0, energy, 0.0)
    elec = np.where(kind["fuel_gj_per_unit"] > 0, energy * aux_ratio, energy)
    return Uses(enterprise, service, technology, energy / main_per_unit, fuel, elec)


def _clinker_energy(enterprise, energy, is_clinker, main_per_unit, roster: Roster) -> np.ndarray:
    """Return the fuel of each kiln line: the tonnes of its enterprise split over its lines as the mix says."""
    tonnes = np.where(is_clinker, energy / main_per_unit, 0.0)
    of_enterprise = np.bincount(enterprise, tonnes, roster.n)
    share = tonnes / np.where(of_enterprise > 0, of_enterprise, 1.0)[enterprise]
    return share * roster.clinker_t[enterprise] * main_per_unit


def _balance(place: PlaceSpec, carriers: list[str]) -> tuple[np.ndarray, np.ndarray]:
    energy, feed = np.zeros(len(carriers)), np.zeros(len(carriers))
    for row in place.energy_balance:
        energy[carriers.index(row.carrier)] = float(row.enterprises)
        feed[carriers.index(row.carrier)] = float(row.feedstock)
    return energy, feed


def _fit(energy, enterprise, main, aux_ratio, target, electricity, roster, params, streams) -> np.ndarray:
    """Fit the free uses; auxiliary electricity depends on the fuels, so the electricity target is found in turn."""
    spread = params[0]["energy_intensity_log_sd"]
    firm_noise = np.exp(spread * streams.normals("population.energy", 0, roster.n) - 0.5 * spread**2)
    use_noise = np.exp(spread * streams.normals("population.uses", 0, energy.size) - 0.5 * spread**2)
    cells = energy * use_noise
    has_target = target[main] > 0
    cells = np.where(has_target, cells, 0.0)
    row_totals = firm_noise * np.bincount(enterprise, energy * has_target, roster.n)
    for _ in range(50):
        goal = target.copy()
        goal[electricity] -= float((cells * aux_ratio).sum())
        if goal[electricity] <= 0:
            raise ValueError("furnaces and boilers alone use more electricity than the energy balance gives")
        fitted = fit_proportionally(np.maximum(cells, 1e-12 * has_target), enterprise, main, row_totals, goal)
        if np.abs(fitted - cells).max(initial=0.0) <= 1e-12 * fitted.max(initial=1.0):
            break
        cells = fitted
    return fitted


def balance_gaps(place: PlaceSpec, uses: Uses, reference: Reference) -> dict[str, float]:
    """Return use over balance less 1 by carrier (B04); feedstock counts on top."""
    carriers = list(registry.carrier_ids())
    energy, feed = _balance(place, carriers)
    want = energy + feed
    carrier = reference.technologies["carrier"][uses.technology]
    have = np.bincount(np.maximum(carrier, 0), np.where(carrier >= 0, uses.fuel_gj, 0.0), len(carriers))
    have[-1] += uses.elec_gj.sum()
    return {c: float(have[k] / want[k] - 1.0) for k, c in enumerate(carriers) if want[k] > 0}
