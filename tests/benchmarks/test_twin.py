"""The Mesa twin and the compiled rules: two independent writings of SM02, SM03, SM06 and SM19 give equal results."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks import speed
from benchmarks.case import make_case
from benchmarks.equality import ENERGY_COLUMNS, TOLERANCE, compare, relative_gap
from benchmarks.measurements import MEASUREMENTS, Measurement
from benchmarks.memory import peak_bytes
from benchmarks.rules import CompiledQuarters
from benchmarks.twin import TwinModel

ROOT = Path(__file__).parents[2]


def after_two_quarters(n=60, seed=1):
    place = make_case(n, seed)
    ours, twin = CompiledQuarters(place), TwinModel(place)
    for _ in range(2):
        ours.step()
        twin.step()
    return ours, twin


@pytest.fixture(scope="module")
def pair():
    return after_two_quarters()


def test_sm02_sm03_sm06_sm19_twin_and_compiled_rules_agree(pair):
    gaps = compare(*pair)
    assert {name: gap for name, gap in gaps.items() if not gap <= TOLERANCE} == {}


def test_sm03_capture_switched_fuels_and_own_power_agree_where_there_are_kilns():
    """2 % of 400 enterprises make cement: measures on kilns act, so every path of the services is compared."""
    ours, twin = after_two_quarters(400, seed=2)
    for column in ("captured_tco2", "own_generation_mwh", "process_tco2"):
        assert ours.place.energy[column].max() > 0.0
    assert ours.fuel_gj[:, 6].max() > 0.0
    assert ours.place.production["spill_cny"].max() > 0.0
    assert max(compare(ours, twin).values()) <= TOLERANCE


def test_sm06_kilns_that_capture_weigh_what_they_have_as_the_twin_does():
    """Of 400 enterprises with this seed two look at a kiln with capture in the first quarter: heat, power, carbon."""
    place = make_case(400, seed=3)
    ours, twin = CompiledQuarters(place), TwinModel(place)
    ours.step()
    twin.step()
    at_kilns = {slot.number for firm in twin.firms if firm.captured_tco2 > 0.0 for slot in firm.slots}
    kept = [o for firm in twin.firms for d in firm.decisions if d.slot in at_kilns for o in d.options]
    assert any(option.technology is None for option in kept)
    assert max(compare(ours, twin).values()) <= TOLERANCE


def test_the_peak_memory_of_a_small_program_is_its_own_even_when_a_large_one_starts_it():
    """A program that only reads its peak takes some 10 to 60 MB; the one that starts it holds 400 MB more."""
    held = np.ones(50_000_000)
    code = "from benchmarks.memory import peak_bytes; print(peak_bytes())"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, cwd=ROOT)
    assert 1e6 < int(done.stdout) < 1.5e8
    assert peak_bytes() > held.nbytes


def test_a_difference_is_seen(pair):
    """One firm's scope 1 off by one part in a million, one choice changed: both are found."""
    ours, twin = after_two_quarters()
    twin.firms[7].scope1_tco2 *= 1.000001
    twin.firms[7].scope1_tco2 += 1e-3
    firm = next(f for f in twin.firms if f.decisions)
    firm.decisions[0].runner_up = firm.decisions[0].chosen
    firm.decisions[0].chosen = None
    gaps = compare(ours, twin)
    assert gaps["scope1_tco2"] > TOLERANCE
    assert gaps["choices"] == float("inf")
    assert gaps["output_cny"] <= TOLERANCE


def test_relative_gap_by_hand():
    """|2 - 2.02| / 2.02 = 0.00990; nothing against nothing is no gap; a value that is no number is infinitely far."""
    assert relative_gap(np.array([1.0, 2.0]), np.array([1.0, 2.02])) == pytest.approx(0.02 / 2.02)
    assert relative_gap(np.zeros(3), np.zeros(3)) == 0.0
    assert relative_gap(np.array([1.0]), np.array([np.nan])) == float("inf")


def test_the_order_of_activation_does_not_matter():
    """Another seed of Mesa's own shuffle, the same draws of the rules: the same results."""
    place = make_case(60, 3)
    ours, twin = CompiledQuarters(place), TwinModel(place)
    twin.random.seed(99)
    for _ in range(2):
        ours.step()
        twin.step()
    assert max(compare(ours, twin).values()) <= TOLERANCE


def test_the_synthetic_place_is_as_large_as_said():
    """About 6 slots, 7 assets and 6 suppliers an enterprise; hosts belong to the enterprise; weights sum to 1."""
    place = make_case(2000)
    n = place.n_enterprises
    assert place.slots.size / n == pytest.approx(6.0, abs=1.0)
    assert place.assets.size / n == pytest.approx(7.0, abs=1.0)
    assert place.graph.supplier.size / n == pytest.approx(6.0, abs=2.0)
    hosted = np.flatnonzero(place.slots["host"] >= 0)
    assert (place.slots["enterprise"][place.slots["host"][hosted]] == place.slots["enterprise"][hosted]).all()
    buyer = np.repeat(np.arange(n), np.diff(place.graph.supplier_start))
    key = buyer * place.local_input.shape[0] + place.sector[place.graph.supplier]
    total = np.bincount(key, place.graph.weight)
    assert total[np.unique(key)] == pytest.approx(1.0)


def test_a_place_that_is_too_small_is_refused():
    with pytest.raises(ValueError, match="at least 20 enterprises, not 3"):
        make_case(3)


def test_places_of_one_seed_are_equal_and_not_written_by_a_copy():
    place = make_case(40, 5)
    before = place.energy["electricity_mwh"].copy()
    CompiledQuarters(place).step()
    assert (place.energy["electricity_mwh"] == before).all()
    assert (make_case(40, 5).slots == place.slots).all()


def test_targets_and_the_printed_object(monkeypatch, capsys):
    """300 reaches '>= 300', 299 does not; 2.5 reaches '<= 2.5', 2.6 does not; the object is JSON."""
    targets = {m.name: m for m in MEASUREMENTS}
    assert targets["twin_ratio_2000"].is_reached(300.0)
    assert not targets["twin_ratio_2000"].is_reached(299.0)
    assert targets["agent_quarter_ratio"].is_reached(2.5)
    assert not targets["agent_quarter_ratio"].is_reached(2.6)
    some = (Measurement("some_ratio", "of one thing to another", lambda: {"value": 2.0, "equal": True}, at_most=1.0),)
    monkeypatch.setattr(speed, "MEASUREMENTS", some)
    assert speed.main(["--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["some_ratio"] == 2.0
    assert printed["equal"] is True
    assert printed["reached"] == {"some_ratio": False}
    assert speed.main(["--check"]) == 1
    assert "(missed)" in capsys.readouterr().out


def test_unequal_results_fail(monkeypatch, capsys):
    some = (Measurement("some_ratio", "of one thing to another", lambda: {"value": 2.0, "equal": False}),)
    monkeypatch.setattr(speed, "MEASUREMENTS", some)
    assert speed.main([]) == 1
    assert "equal" in capsys.readouterr().out


def test_every_energy_column_is_an_attribute_of_a_firm(pair):
    assert all(hasattr(pair[1].firms[0], column) for column in ENERGY_COLUMNS)


def test_every_figure_with_a_target_has_a_name_of_its_own():
    from benchmarks import study, ui

    names = [m.name for part in (MEASUREMENTS, study.MEASUREMENTS, ui.MEASUREMENTS) for m in part]
    assert len(set(names)) == len(names)
    assert all((m.at_least is None) != (m.at_most is None) for m in (*study.MEASUREMENTS, *ui.MEASUREMENTS))
