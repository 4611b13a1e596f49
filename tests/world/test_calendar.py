"""What a policy's path tells in advance: attention, the rush before support ends, jumps (SM05, SM16)."""

import numpy as np
import pytest

from transition_sim.scenarios import registry
from transition_sim.world.policy.calendar import policy_calendar

PARAMS = registry.parameter_record({})
NEUTRAL = registry.lever_record()


def path(n_quarters: int, **levers) -> np.ndarray:
    """Return neutral levers except those given by quarter."""
    lever_path = np.repeat(NEUTRAL, n_quarters)
    for key, values in levers.items():
        lever_path[key] = values
    return lever_path


def test_a_policy_that_never_moves_draws_no_attention():
    calendar = policy_calendar(path(12, capex_subsidy_share=np.full(12, 0.3)), PARAMS)
    assert not calendar.salience.any()
    assert not calendar.anticipation_per_year.any()
    assert not calendar.has_moved.any()
    assert calendar.jumps == [[]] * 12


def test_a_move_is_noticed_for_a_year():
    calendar = policy_calendar(path(16, offpeak_days=[100.0] * 6 + [130.0] * 10), PARAMS)
    assert calendar.salience.tolist() == [0] * 6 + [1] * 4 + [0] * 6
    assert calendar.has_moved.tolist() == [False] * 6 + [True] * 4 + [False] * 6
    assert calendar.jumps[6] == [("offpeak_days", 130.0)]
    assert sum(len(events) for events in calendar.jumps) == 1


def test_a_slow_path_is_salient_and_no_jump():
    # 1 % a quarter is under the 5 % that make an event
    calendar = policy_calendar(path(8, offpeak_days=100.0 * 1.01 ** np.arange(8)), PARAMS)
    assert calendar.salience.tolist() == [0] + [1] * 7
    assert not any(calendar.jumps)


def test_the_first_quarter_is_no_event():
    calendar = policy_calendar(path(4, new_clinker_ban=np.ones(4)), PARAMS)
    assert not calendar.salience.any()
    assert not any(calendar.jumps)


def test_sm16_an_announced_end_of_support_is_anticipated_and_missed_alike():
    """A subsidy of .3 ends in quarter 10: capital is half of cost, the loss .15 / .85 = .17647, times 1.5 a year."""
    calendar = policy_calendar(path(20, capex_subsidy_share=[0.3] * 10 + [0.0] * 10), PARAMS)
    rush = 1.5 * 0.15 / 0.85
    want = np.zeros(20)
    want[6:10], want[10:14] = rush, -rush
    np.testing.assert_allclose(calendar.anticipation_per_year, want)
    assert calendar.anticipation_per_year.sum() == pytest.approx(0.0, abs=1e-15)


def test_sm16_support_that_rises_is_not_anticipated():
    calendar = policy_calendar(path(20, tax_credit_share=[0.0] * 10 + [0.1] * 10), PARAMS)
    assert not calendar.anticipation_per_year.any()


def test_sm16_two_ends_add_up():
    subsidy, credit = [0.2] * 8 + [0.0] * 12, [0.1] * 10 + [0.0] * 10
    both = policy_calendar(path(20, capex_subsidy_share=subsidy, tax_credit_share=credit), PARAMS)
    one = policy_calendar(path(20, capex_subsidy_share=subsidy), PARAMS)
    other = policy_calendar(path(20, tax_credit_share=credit), PARAMS)
    np.testing.assert_allclose(
        both.anticipation_per_year, one.anticipation_per_year + other.anticipation_per_year, atol=1e-15
    )
    assert one.anticipation_per_year.max() > other.anticipation_per_year.max() > 0


def test_an_end_at_the_start_of_a_run_is_only_missed():
    # the first quarter without support is quarter 2: two quarters of rush are within the run, four of absence
    anticipation = policy_calendar(path(12, capex_subsidy_share=[0.3, 0.3] + [0.0] * 10), PARAMS).anticipation_per_year
    assert (anticipation[:2] > 0).all()
    assert (anticipation[2:6] < 0).all()
    assert not anticipation[6:].any()
