"""Designs: the points of the factors that are run, and how many they are before any is made.

A point is a row of values in the units of the factors; nan leaves a factor as the policy has it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from transition_sim.experiments.factors import Factor
from transition_sim.experiments.spec import DesignSpec

DEFAULT_LEVELS = 3
MORRIS_LEVELS = 4
SAMPLED = ("lhs", "sobol", "saltelli", "morris")
DEFAULT_SAMPLES = {"lhs": 32, "sobol": 32, "saltelli": 16, "morris": 10}


def samples_of(design: DesignSpec) -> int:
    """Return the samples that a sampled design asks for."""
    return design.samples if design.samples is not None else DEFAULT_SAMPLES[design.kind]


def n_points(design: DesignSpec, factors: Sequence[Factor], levels: Mapping[str, int]) -> int:
    """Return how many points a design has, without making them.

    Parameters
    ----------
    design : DesignSpec
    factors : sequence of Factor
    levels : mapping of key -> int
        Levels of factors that ask for a number of their own.
    """
    k = len(factors)
    if design.kind == "list":
        return len(design.points or [{}])
    if design.kind == "grid":
        count = 1
        for factor in factors:
            count *= len(factor.values) or levels.get(factor.key, DEFAULT_LEVELS)
        return count
    if design.kind == "full_factorial":
        return int(2**k)
    if design.kind == "one_at_a_time":
        return len(one_at_a_time(factors))
    per_sample = {"lhs": 1, "sobol": 1, "saltelli": k + 2, "morris": k + 1}[design.kind]
    return samples_of(design) * per_sample


def points(design: DesignSpec, factors: Sequence[Factor], levels: Mapping[str, int]) -> np.ndarray:
    """Return the points of a design, shape (n_points, n_factors); the same for the same design on every machine."""
    if design.kind == "list":
        return listed(design.points or [{}], factors)
    if design.kind == "grid":
        axes = [_grid_values(f, levels.get(f.key, DEFAULT_LEVELS)) for f in factors]
        return _product(axes)
    if design.kind == "full_factorial":
        return _product([np.array(f.ends()) for f in factors])
    if design.kind == "one_at_a_time":
        return one_at_a_time(factors)
    shares = unit_points(design, len(factors))
    return np.column_stack([f.at(shares[:, k]) for k, f in enumerate(factors)])


def listed(rows: Sequence[Mapping[str, float]], factors: Sequence[Factor]) -> np.ndarray:
    """Return the points of a list."""
    found = np.full((len(rows), len(factors)), np.nan)
    at = {f.key: k for k, f in enumerate(factors)}
    for i, row in enumerate(rows):
        for key, value in row.items():
            found[i, at[key]] = value
    return found


def one_at_a_time(factors: Sequence[Factor]) -> np.ndarray:
    """Return the base, then every value of each factor alone; of parts: none, all, each alone, all but each."""
    rows = [np.full(len(factors), np.nan)]
    parts = np.array([f.kind == "part" for f in factors])
    if parts.any():
        rows[0] = np.where(parts, 1.0, np.nan)
        rows.append(np.where(parts, 0.0, np.nan))
    for k, factor in enumerate(factors):
        if factor.kind == "part":
            for rest in (0.0, 1.0):
                row = np.where(parts, rest, np.nan)
                row[k] = 1.0 - rest
                rows.append(row)
            continue
        for value in factor.values or factor.ends():
            row = rows[0].copy()
            row[k] = value
            rows.append(row)
    return _distinct(np.array(rows))


def _distinct(rows: np.ndarray) -> np.ndarray:
    """Return the rows without repeats, in the order of their first appearance."""
    seen = dict.fromkeys(row.tobytes() for row in rows)
    return np.array([np.frombuffer(row, dtype=float) for row in seen])


def unit_points(design: DesignSpec, k: int) -> np.ndarray:
    """Return the points of a sampled design in the unit cube, shape (n, k)."""
    n = samples_of(design)
    if design.kind == "lhs":
        from scipy.stats import qmc

        return qmc.LatinHypercube(d=k, rng=np.random.default_rng(design.seed)).random(n)
    if design.kind == "sobol":
        from scipy.stats import qmc

        sequence = qmc.Sobol(d=k, scramble=True, rng=np.random.default_rng(design.seed))
        return sequence.random_base2(int(np.log2(n))) if n & (n - 1) == 0 else sequence.random(n)
    if design.kind == "saltelli":
        from SALib.sample import sobol

        return sobol.sample(problem([f"x{i}" for i in range(k)]), n, calc_second_order=False, seed=design.seed)
    from SALib.sample import morris

    return morris.sample(problem([f"x{i}" for i in range(k)]), n, num_levels=MORRIS_LEVELS, seed=design.seed)


def problem(names: Sequence[str]) -> dict[str, Any]:
    """Return SALib's description of factors in the unit cube."""
    return {"num_vars": len(names), "names": list(names), "bounds": [[0.0, 1.0]] * len(names)}


def _grid_values(factor: Factor, levels: int) -> np.ndarray:
    return np.array(factor.values) if factor.values else np.linspace(factor.low, factor.high, levels)


def _product(axes: Sequence[np.ndarray]) -> np.ndarray:
    mesh = np.meshgrid(*axes, indexing="ij")
    return np.stack([m.ravel() for m in mesh], axis=-1)
