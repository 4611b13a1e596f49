"""Runs that several tests look at, made once a session, and a digest of a run that differs when any byte differs."""

import hashlib
from functools import cache

import numpy as np

import transition_sim as ts


def frame_digest(frame) -> str:
    """Return a hash of names, order, types and bytes of a table."""
    found = hashlib.blake2b(repr([(c, str(frame[c].dtype)) for c in frame.columns]).encode(), digest_size=16)
    for name in frame.columns:
        column = frame[name].to_numpy()
        found.update(column.tobytes() if column.dtype.kind in "fiub" else repr(column.tolist()).encode())
    return found.hexdigest()


def digest(result: ts.RunResult) -> dict[str, str]:
    """Return a hash of every table of a run by name, the decision log included."""
    frames = {**result.tables(), "decisions": result.decisions}
    return {name: frame_digest(frame) for name, frame in frames.items()}


def before(result: ts.RunResult, year: int) -> dict[str, str]:
    """Return a hash of the rows before a year of every table; the fixed attributes of enterprises have no year."""
    frames = {**result.tables(), "decisions": result.decisions}
    return {name: frame_digest(f[f["year"] < year] if "year" in f else f) for name, f in frames.items()}


@cache
def scenario(place: str, policy: str = "none", end_year: int = 2021) -> ts.Scenario:
    """Return a scenario of the library."""
    return ts.load_scenario(place, policy=policy, end_year=end_year)


@cache
def result(place: str, policy: str = "none", end_year: int = 2021, seed: int = 1) -> ts.RunResult:
    """Return a run, made once."""
    return ts.run(scenario(place, policy, end_year), seed=seed)


def digest_of(question: tuple[str, str, int, int]) -> dict[str, str]:
    """Run (place, policy, end year, seed) afresh and return its digest; a worker process can call it."""
    place, policy, end_year, seed = question
    return digest(ts.run(ts.load_scenario(place, policy=policy, end_year=end_year), seed=seed))


def state_bytes(world) -> bytes:
    """Return every table and book of a world as bytes: equal bytes, equal world."""
    parts = [table.tobytes() for table in world.state.enterprises.tables.values()]
    state, banks = world.state, world.banks
    parts += [a.tobytes() for a in (state.slots, state.assets, *state.loans.book)]
    parts += [state.fuel_gj.tobytes(), state.expected_cny_per_gj.tobytes()]
    parts += [np.asarray(v).tobytes() for v in vars(banks).values() if isinstance(v, np.ndarray)]
    parts += [np.asarray(v).tobytes() for v in vars(world.power).values() if isinstance(v, np.ndarray)]
    parts += [np.asarray(v).tobytes() for v in vars(world.plans).values()]
    parts += [repr(world.power.log_hydrology).encode(), repr(world.budget).encode(), repr(world.permits).encode()]
    parts += [repr(world.power.values_cny_per_mwh).encode(), world.demand.noise.tobytes()]
    parts += [world.tariffs.expected_cny_per_mwh.tobytes(), repr(sorted(world.ledger.payments.items())).encode()]
    return b"".join(parts)
