"""Energy-use rights in a run: absent at neutral, due from the second year, paid and posted (SM15, L28)."""

import numpy as np
import pytest

import transition_sim as ts


def stepped(quarters, **levers):
    asked = ts.load_scenario("guangan_city", policy="none", overlay={"levers": levers}, end_year=2023)
    model = ts.build_model(asked, seed=1, keep_decisions=False)
    for _ in range(quarters):
        model.step()
    return model.world


def test_nothing_without_the_lever_or_without_a_quota():
    """L28 at 0, or L14 without a change: no market is opened (B17)."""
    for levers in ({"energy_right_trading": 0.0, "energy_intensity_change_percent_per_year": -2.9},
                   {"energy_right_trading": 1.0}):  # fmt: skip
        world = stepped(8, **levers)
        assert not world.energy_rights.is_open
        assert world.energy_rights.used_tce.size == 0


@pytest.fixture(scope="module")
def world():
    """The end of the second year, when rights are due for the first time."""
    return stepped(8, energy_right_trading=1.0, energy_intensity_change_percent_per_year=-2.9)


def test_what_users_pay_is_what_the_treasury_gets(world):
    """Trade between enterprises cancels; the rest is the price of paid use times what is missing."""
    rights, p = world.energy_rights, world.params[0]
    paid = world.ledger.payments["allowances, paid use of energy", "enterprises", "treasury"]
    assert rights.missing_tce > 0
    assert paid == pytest.approx(float(p["energy_right_ceiling_cny_per_tce"]) * rights.missing_tce)
    assert world.state["flows"]["allowances_cny"].sum() == pytest.approx(paid)
    assert rights.traded_tce > 0
    assert rights.price_cny_per_tce >= float(p["energy_right_floor_cny_per_tce"])


def test_key_users_alone_hold_rights(world):
    rights = world.energy_rights
    paid = world.state["flows"]["allowances_cny"] != 0
    assert 0 < (rights.start_tce_per_cny > 0).sum() < rights.start_tce_per_cny.size
    assert not paid[rights.start_tce_per_cny == 0].any()


def test_rights_make_key_users_save():
    """Over five seeds, with the same luck: less energy in the last year than with the quota alone."""
    gaps = []
    for seed in range(1, 6):
        used = []
        for on in (0.0, 1.0):
            levers = {
                "energy_right_trading": on, "energy_intensity_change_percent_per_year": -2.9,
            }  # fmt: skip
            asked = ts.load_scenario("guangan_city", policy="none", overlay={"levers": levers}, end_year=2027)
            run = ts.run(asked, seed=seed, keep_agents=False, keep_decisions=False)
            used.append(run.annual["energy_coal_equivalent_tce"].iloc[-1] / run.annual["gdp_cny"].iloc[-1])
        gaps.append(used[1] - used[0])
    assert np.mean(gaps) < 0.0
