"""Capability, reports, measurement, audits: the rules by hand (SM24, A31, M14, M15)."""

import numpy as np
import pytest

from transition_sim.core.tables import allocate
from transition_sim.world import management as m
from transition_sim.world.state import CONDUCT, ENERGY

WEIGHTS = (0.3, 0.2, 0.3, 0.2)


def test_a31_capability_grows_by_the_logistic_law():
    """m0 .2, g .35, drive 1: m(5) = .2 / (.2 + .8 e^-1.75) = .5899; m = .5 at ln 4 / .35 = 3.961 years."""
    assert m.next_capability(0.2, 0.35, 1.0, 5.0) == pytest.approx(0.5899, abs=5e-5)
    assert m.next_capability(0.2, 0.35, 1.0, 3.961) == pytest.approx(0.5, abs=5e-5)


def test_a31_quarters_add_up_to_years():
    value = 0.2
    for _ in range(20):
        value = m.next_capability(value, 0.35, 1.0, 0.25)
    assert value == pytest.approx(0.5899, abs=5e-5)


@pytest.mark.parametrize("end", [0.0, 1.0])
def test_sm24_both_ends_stay_and_nothing_moves_without_a_drive(end):
    assert m.next_capability(end, 0.35, 1.0, 10.0) == end
    assert m.next_capability(0.3, 0.35, 0.0, 10.0) == 0.3


def test_sm24_reports_carry_the_default_penalty_and_an_error():
    """1 + .15 unmeasured; measured, m .4, one deviation up: 1 + .06 x .6 = 1.036; capability 1: exact."""
    assert m.reported_factor(False, 0.4, 0.15, 0.06, 0.0) == pytest.approx(1.15)
    assert m.reported_factor(True, 0.4, 0.15, 0.06, 1.0) == pytest.approx(1.036)
    assert m.reported_factor(True, 1.0, 0.15, 0.06, 3.0) == 1.0


def test_sm24_measuring_pays_where_the_penalty_costs_more():
    """100 000 t x .15 x 80 = 1.2 M a year against 1.5 M x .2638 = .396 M; 20 000 t: .24 M: no."""
    recovery = 0.2638
    assert m.measuring_pays(100_000.0, 80.0, 0.15, 1.5e6, recovery)
    assert not m.measuring_pays(20_000.0, 80.0, 0.15, 1.5e6, recovery)


def test_m15_a_higher_penalty_makes_more_measure():
    sizes = np.linspace(1e4, 1e5, 50)
    counts = [sum(m.measuring_pays(e, 80.0, d, 1.5e6, 0.2638) for e in sizes) for d in (0.1, 0.15, 0.2)]
    assert counts == sorted(counts)
    assert counts[0] < counts[-1]


def firms(n=4):
    conduct, energy = allocate(CONDUCT, n), allocate(ENERGY, n)
    conduct["capability"], energy["scope1_tco2"] = 0.2, 1000.0
    return conduct, energy


def test_sm24_each_programme_drives():
    """Disclosing .3, monitored .2, audited .3, neighbours .2 x half the county = .1 for all."""
    conduct, energy = firms()
    conduct["is_disclosing"][0], conduct["is_monitored"][1], conduct["audit_quarters_left"][2] = True, True, 4
    total = m.report_and_learn(
        conduct, energy, np.zeros(4), np.zeros(4, int), np.array([0.5]), 0.0, 0.35, WEIGHTS, 0.15, 0.06
    )
    drives = [0.4, 0.3, 0.4, 0.1]
    expected = [0.2 / (0.2 + 0.8 * np.exp(-0.35 * drive * 0.25)) for drive in drives]
    assert conduct["capability"] == pytest.approx(expected)
    assert energy["reported_tco2"] == pytest.approx([1150.0] * 4)
    assert total == pytest.approx(4600.0)


def test_m14_measurement_brings_reports_to_the_truth():
    gaps = []
    for n_measured in range(5):
        conduct, energy = firms()
        conduct["is_measured"][:n_measured] = True
        m.report_and_learn(conduct, energy, np.zeros(4), np.zeros(4, int), np.zeros(1), 0.0, 0.35, WEIGHTS, 0.15, 0.0)
        gaps.append(abs(energy["reported_tco2"] - energy["scope1_tco2"]).sum())
    assert gaps == pytest.approx([600.0, 450.0, 300.0, 150.0, 0.0])


def test_l30_auditors_visit_the_largest_that_waited():
    use, last = np.array([50.0, 90.0, 70.0, 10.0, 80.0]), np.array([m.NEVER, 5, m.NEVER, m.NEVER, m.NEVER])
    alive = np.array([True, True, True, True, False])
    assert m.audited_rows(use, last, alive, 10, 2, 30, 12).tolist() == [2, 0]
    assert m.audited_rows(use, last, alive, 17, 2, 30, 12).tolist() == [1, 2]
    assert m.audited_rows(use, last, alive, 10, 5, 1, 12).tolist() == [2]
    assert m.audited_rows(use, last, alive, 10, 0, 30, 12).size == 0
