"""Local shares by Flegg's location quotient, local inputs, and the national output behind them (4.1, SM02)."""

import shutil
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from transition_sim.core.errors import ScenarioError
from transition_sim.scenarios import registry
from transition_sim.world.local_inputs import (
    NATIONAL_VALUE_ADDED_CNY,
    flegg_local_shares,
    local_input_table,
    national_output_cny,
)

NATION = np.array([100.0, 100.0])


def test_flq_by_hand():
    """Place 10 % of the nation; sectors 5 and 20 of 100. Cross quotients .25 and 4, own .5 and 2.

    log2(1.1)^.3 = .1375^.3 = .55144: .27572 and .13786, the rest above 1 counts as 1 (4 x .551, 2 x .551).
    """
    shares = flegg_local_shares(np.array([5.0, 20.0]), NATION, 10.0, 100.0)
    factor = np.log2(1.1) ** 0.3
    assert factor == pytest.approx(0.5514, abs=1e-4)
    assert shares == pytest.approx(np.array([[0.5 * factor, 0.25 * factor], [1.0, 1.0]]))


def test_flq_the_nation_supplies_itself():
    """T = 1: log2(2) = 1, all quotients 1."""
    assert flegg_local_shares(NATION, NATION, 200.0, 200.0) == pytest.approx(np.ones((2, 2)))


def test_flq_without_the_exponent_is_the_cross_quotient():
    """Delta 0: size does not matter; 5/20 = .25."""
    shares = flegg_local_shares(np.array([5.0, 20.0]), NATION, 10.0, 100.0, 0.0)
    assert shares == pytest.approx(np.array([[0.5, 0.25], [1.0, 1.0]]))


def test_flq_a_larger_exponent_imports_more():
    local = np.array([5.0, 8.0])
    shares = [flegg_local_shares(local, NATION, 10.0, 100.0, delta) for delta in (0.0, 0.3, 0.6)]
    assert (shares[0] >= shares[1]).all()
    assert (shares[1] >= shares[2]).all()
    assert shares[2].sum() < shares[0].sum()


def test_flq_sectors_that_are_absent():
    """An absent sector supplies nothing and an absent buyer takes nothing."""
    shares = flegg_local_shares(np.array([0.0, 20.0]), NATION, 10.0, 100.0)
    assert shares[0].tolist() == [0.0, 0.0]
    assert shares[1, 0] == 0.0
    assert flegg_local_shares(np.zeros(2), NATION, 0.0, 100.0).sum() == 0.0


def test_flq_shares_lie_between_0_and_1():
    rng = np.random.default_rng(1)
    nation = rng.uniform(10, 1000, 12)
    for _ in range(50):
        local = nation * rng.uniform(0, 0.2, 12) * (rng.random(12) < 0.8)
        shares = flegg_local_shares(local, nation, local.sum(), nation.sum(), rng.uniform(0, 0.99))
        assert shares.min() >= 0.0
        assert shares.max() <= 1.0


@pytest.mark.parametrize(
    ("nation", "total", "exponent", "said"),
    [
        (np.array([0.0, 1.0]), 10.0, 0.3, "positive in every sector"),
        (NATION, 0.0, 0.3, "positive in every sector"),
        (NATION, 10.0, 1.0, "lies in"),
        (NATION, 10.0, -0.1, "lies in"),
    ],
)
def test_flq_bad_inputs_are_refused(nation, total, exponent, said):
    with pytest.raises(ValueError, match=said):
        flegg_local_shares(np.array([1.0, 1.0]), nation, 1.0, total, exponent)


def test_sm02_local_inputs_by_hand():
    """.2 x .5 = .1; .01 x .5 = .005 is not above the threshold .005; .1 x .1 = .01; absent, no trade."""
    total = np.array([[0.2, 0.01, 0.3], [0.1, 0.4, 0.3], [0.3, 0.3, 0.3]])
    local = local_input_table(total, np.array([0.5, 0.1, 0.9]), np.array([True, True, False]))
    assert local == pytest.approx(np.array([[0.1, 0.0, 0.0], [0.01, 0.04, 0.0], [0.0, 0.0, 0.0]]))


def test_sm02_a_table_of_shares_counts_cell_by_cell():
    total, present = np.full((2, 2), 0.2), np.ones(2, bool)
    shares = np.array([[1.0, 0.5], [0.0, 0.25]])
    assert local_input_table(total, shares, present) == pytest.approx(np.array([[0.2, 0.1], [0.0, 0.05]]))


@pytest.mark.parametrize("share", [-0.1, 1.1])
def test_sm02_a_share_outside_its_range_is_refused(share):
    with pytest.raises(ValueError, match="between 0 and 1"):
        local_input_table(np.full((1, 1), 0.2), np.array([share]), np.ones(1, bool))


def test_national_output_reads():
    """Cement 1436.7 bn; 12 sectors, together more than the value added of the nation (goods count many times)."""
    output = dict(zip(registry.sector_ids(), national_output_cny()))
    assert len(output) == 12
    assert output["CEM"] == pytest.approx(1436.7e9)
    assert min(output.values()) > 0
    assert sum(output.values()) > NATIONAL_VALUE_ADDED_CNY


def copied_data(tmp_path, change):
    folder = tmp_path / "data"
    shutil.copytree(Path(str(files("transition_sim.scenarios") / "data")), folder)
    table = folder / "national_output.csv"
    table.write_text(change(table.read_text(encoding="utf-8")), encoding="utf-8")
    return folder


def test_national_output_names_a_missing_sector(tmp_path):
    def without_cement(text):
        return "".join(line for line in text.splitlines(keepends=True) if not line.startswith("CEM,"))

    with pytest.raises(ScenarioError, match=r"national_output\.csv: CEM: the sector is missing\. Add a row\."):
        national_output_cny(copied_data(tmp_path, without_cement))


def test_national_output_names_a_number_that_is_none(tmp_path):
    with pytest.raises(ScenarioError, match=r"national_output\.csv:2: CEM\.output_bn_cny = much"):
        national_output_cny(copied_data(tmp_path, lambda text: text.replace("1436.7", "much")))
