"""Same question, same bytes, here, in a fresh process and in several at once; and levers that are absent (B15-B17)."""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from functools import cache

import numpy as np
import pytest
from run_makers import before, digest, digest_of, result, scenario

import transition_sim as ts
from transition_sim import build
from transition_sim.scenarios import registry

PLACES = ("minimal", "guangan_city")
ACTING = [lever for lever in registry.levers().values() if lever.acts]
SILENT = [lever for lever in registry.levers().values() if not lever.acts]
CURRENT = ("guangan_city", "current", 2022, 3)
YEAR = 2022


# --- B16: same scenario and seed -----------------------------------------------------------------------------------


@pytest.mark.parametrize("place", PLACES)
def test_b16_same_seed_gives_the_same_bytes(place):
    assert digest_of((place, "current", 2022, 3)) == digest(result(place, "current", 2022, 3))


@pytest.mark.parametrize("place", PLACES)
def test_another_seed_gives_another_run(place):
    one, two = digest(result(place, "current", 2022, 3)), digest(result(place, "current", 2022, 4))
    for table in ("place", "sector", "agent"):
        assert one[table] != two[table]
    assert one["enterprises"] == two["enterprises"]  # the population is the place's, not the seed's


def test_b16_the_start_does_not_remember_who_ran_before(monkeypatch):
    """A run from a cold start equals one from a start that other policies, seeds and places have used."""
    monkeypatch.setattr(build, "_starts", type(build._starts)())
    cold = digest_of(CURRENT)
    for other in (
        ("guangan_city", "ambitious", 2022, 9),
        ("minimal", "current", 2021, 1),
        ("guangan_city", "none", 2022, 3),
    ):
        digest_of(other)
    assert digest_of(CURRENT) == cold


def test_b16_a_start_pushed_out_of_the_cache_is_made_again_alike(monkeypatch):
    monkeypatch.setattr(build, "_starts", type(build._starts)())
    monkeypatch.setattr(build, "KEPT_STARTS", 1)
    first = digest_of(("minimal", "current", 2022, 3))
    digest_of(("minimal", "current", 2021, 3))  # another horizon has another start
    assert len(build._starts) == 1
    assert digest_of(("minimal", "current", 2022, 3)) == first


def test_b16_one_fresh_process_and_two_give_the_same_bytes(monkeypatch):
    """Processes of their own, with another hash seed, give the tables of this one."""
    monkeypatch.setenv("PYTHONHASHSEED", "7")
    questions = [CURRENT, ("minimal", "ambitious", 2021, 3), ("guangan_city", "none", 2021, 4)]
    answers = []
    for workers in (1, 2):
        with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
            answers.append(list(pool.map(digest_of, questions)))
    assert answers[0] == answers[1] == [digest(result(*question)) for question in questions]


def test_what_is_kept_does_not_change_what_happens():
    """Remembering agents and decisions changes nothing but what is remembered."""
    bare = ts.run(scenario("guangan_city", "current", 2022), seed=3, keep_agents=False, keep_decisions=False)
    full = result(*CURRENT)
    for table in ("place", "sector", "county", "technology", "market", "events"):
        assert bare.tables()[table].equals(full.tables()[table]), table
    assert bare.agent.empty
    assert bare.decisions.empty


def test_manifest_names_what_repeats_the_run():
    run = result(*CURRENT)
    assert run.manifest["seed"] == 3
    assert run.manifest["scenario_hash"] == scenario("guangan_city", "current", 2022).hash
    assert run.manifest["scenario_hash"] != result("guangan_city", "none", 2022, 3).manifest["scenario_hash"]


# --- B15: the past ------------------------------------------------------------------------------------------------


def test_b15_a_step_does_not_write_into_the_past():
    """What was recorded of a quarter stays as it was, whatever comes after."""
    model = ts.build_model(scenario("guangan_city", "current", 2022), seed=1)
    recorder, seen = model.world.recorder, []
    for quarter in range(model.world.clock.n_quarters):
        model.step()
        pages = (recorder.place, recorder.sector, recorder.county, recorder.technology, recorder.vintage)
        seen.append([page[quarter].tobytes() for page in pages])
    for quarter, pages in enumerate(seen):
        now = (recorder.place, recorder.sector, recorder.county, recorder.technology, recorder.vintage)
        assert [page[quarter].tobytes() for page in now] == pages
    assert np.isfinite(recorder.place[:, 0]).all()


def is_announced(lever) -> bool:
    """Enterprises look ahead on the carbon price only: a rise of support is not anticipated, a fall is (SM16)."""
    return lever.key == "carbon_price_floor_cny_per_tco2"


@pytest.mark.parametrize("lever", [lever for lever in ACTING if not is_announced(lever)], ids=lambda lever: lever.key)
def test_b15_a_lever_from_a_year_on_leaves_the_years_before_as_they_were(lever):
    """Every table before the year is the same to the byte, for a lever that steps from neutral to its far end."""
    path = {"path": [[2020, lever.neutral], [YEAR, far_end(lever)]], "interp": "step"}
    later = ts.load_scenario("guangan_city", end_year=YEAR, overlay={"levers": {lever.key: path}})
    changed = ts.run(later, seed=1)
    assert before(changed, YEAR) == before(result("guangan_city", "none", YEAR), YEAR)
    assert not changed.events[(changed.events["year"] == YEAR) & (changed.events["kind"] == "lever")].empty


def far_end(lever) -> float:
    """Return the end of the range that lies farther from neutral."""
    return float(max((lever.low, lever.high), key=lambda end: abs(end - lever.neutral)))


def test_b15_a_carbon_price_that_nobody_announced_leaves_the_years_before_as_they_were():
    """An announced one does not: enterprises count on it at once, by its credibility (SM16)."""
    model = ts.build_model(scenario("guangan_city", "none", YEAR), seed=1)
    path = model.world.lever_path.copy()
    path["carbon_price_floor_cny_per_tco2"][8:] = 300.0
    while model.quarter < 8:
        model.step()
    model.world.lever_path = path
    surprised, plain = model.run(), result("guangan_city", "none", YEAR)
    assert before(surprised, YEAR) == before(plain, YEAR)
    assert digest(surprised)["place"] != digest(plain)["place"]
    announced = {"path": [[2020, 0], [YEAR, 300]], "interp": "step"}
    overlay = {"levers": {"carbon_price_floor_cny_per_tco2": announced}}
    told = ts.run(ts.load_scenario("guangan_city", end_year=YEAR, overlay=overlay), seed=1)
    assert before(told, YEAR)["decisions"] != before(plain, YEAR)["decisions"]


# --- B17: levers that are not there --------------------------------------------------------------------------------


@pytest.mark.parametrize("place", PLACES)
def test_b17_no_policy_equals_every_lever_at_neutral(place):
    neutral = {lever.key: lever.neutral for lever in ACTING}
    made = ts.run(ts.load_scenario(place, policy=None, end_year=2021, overlay={"levers": neutral}), seed=1)
    assert digest(made) == digest(result(place))


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("lever", ACTING, ids=lambda lever: lever.key)
def test_b17_a_lever_at_neutral_equals_the_lever_absent(place, lever):
    """Also as a schedule that stays at neutral."""
    path = {"path": [[2020, lever.neutral], [2021, lever.neutral]]}
    made = ts.run(ts.load_scenario(place, end_year=2021, overlay={"levers": {lever.key: path}}), seed=1)
    assert digest(made) == digest(result(place))


def test_b17_a_rate_without_a_share_is_neutral():
    """The rate of the facility says nothing while nothing is refinanced (L03)."""
    made = ts.run(
        ts.load_scenario("guangan_city", end_year=2021, overlay={"levers": {"facility_rate_percent": 0.0}}), seed=1
    )
    assert digest(made) == digest(result("guangan_city"))


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(
    "lever",
    SILENT,
    ids=lambda lever: lever.key,
)
def test_a_lever_that_is_said_not_to_act_changes_nothing(place, lever):
    """Levers that the table marks as read by no submodel: the far end of the range gives the tables of no policy."""
    overlay = {"levers": {lever.key: far_end(lever)}}
    made = ts.run(ts.load_scenario(place, end_year=2021, overlay=overlay), seed=1)
    assert digest(made) == digest(result(place))


COMPANIONS = {
    "facility_rate_percent": {"facility_share": 1.0},
    "differential_eliminated_cny_per_kwh": {"efficiency_limit_kgce_per_t": 94.0},
    "punitive_low_cny_per_kwh": {"efficiency_limit_kgce_per_t": 94.0},
    "ets_benchmark_change_percent_per_year": {"ets_coverage": 1.0},
    "ets_auction_share": {"ets_coverage": 1.0},
    "ets_banking_sales_multiple": {"ets_coverage": 1.0},
    "energy_right_trading": {"energy_intensity_change_percent_per_year": -2.9},
    "storage_support_cny_per_kwh": {"tou_peak_multiple": 2.5, "tou_valley_multiple": 0.2},
}
"""A rate needs a share, a surcharge needs somebody above the limit, storage needs a spread of prices, rights to
energy need a quota, and the rules of the carbon market need the market."""
LATE = {"access_strictness": 2027, "accountability": 2026, "ets_benchmark_change_percent_per_year": 2025}
"""Two-high sectors want new plant late, campaigns end a five-year plan, published benchmarks end in 2024."""
NEVER_BINDS = {"punitive_high_cny_per_kwh", "ets_banking_sales_multiple", "ccus_demonstration"}
"""The second: while prices rise or stand nobody banks; see the tests of the carbon market. The third brings capture
earlier, and no kiln of the city can pay for it by then; see the tests of research."""
NEEDS_NEW_KILNS = {"replacement_ratio", "new_clinker_ban"}  # see M05 and B12
NEEDS_A_PARK = "pilot_reward_million_cny"  # see tests of L07


@cache
def without_lever(companions: tuple[tuple[str, float], ...], end_year: int) -> ts.RunResult:
    """Return the run of what a lever needs to act, without the lever; most need nothing, and share one."""
    overlay = {"levers": dict(companions)}
    asked = ts.load_scenario("guangan_city", end_year=end_year, overlay=overlay)
    return ts.run(asked, seed=1, keep_agents=False, keep_decisions=False)


@pytest.mark.parametrize(
    "lever",
    [v for v in ACTING if v.key not in {*NEVER_BINDS, NEEDS_A_PARK, *NEEDS_NEW_KILNS}],
    ids=lambda lever: lever.key,
)
def test_every_acting_lever_acts(lever):
    """Neutrality means nothing unless the far end of the range moves the table of the place."""
    plain = without_lever(tuple(COMPANIONS.get(lever.key, {}).items()), LATE.get(lever.key, 2024))
    moved = plain.scenario.changed(levers={lever.key: far_end(lever)})
    assert not plain.place.equals(ts.run(moved, seed=1, keep_agents=False, keep_decisions=False).place)


def test_no_kiln_can_use_twice_its_limit():
    """The higher punitive tariff is for twice the limit: the worst kiln uses 126 kgce/t, the lowest limit is 94."""
    technologies = [t for t in registry.technologies() if t.service == "CLINKER"]
    worst = max((t.fuel_gj_per_unit + t.elec_gj_per_unit) / 29.3076 * 1e3 for t in technologies)
    assert worst == pytest.approx((3.4583 + 0.2448) / 29.3076 * 1e3)
    assert worst < 2 * registry.levers()["efficiency_limit_kgce_per_t"].low
