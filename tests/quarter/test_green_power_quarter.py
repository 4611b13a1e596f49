"""Green power in a quarter: mandates, direct lines, certificates that count once, and market-based scope 2 (SM14)."""

import numpy as np
import pytest
from quarter_worlds import world_of

from transition_sim.model import TransitionModel
from transition_sim.quarter import green_power
from transition_sim.world.recorder import PLACE_INDEX

OPEN = {"green_power_access_share": 0.5}


def ran(quarters=4, place="minimal", **levers):
    """Return a world after some quarters; its books are those of the last one."""
    world = world_of(place, **levers)
    model = TransitionModel(world)
    for _ in range(quarters):
        model.step()
    return world


def test_l21_a_mandate_raises_what_is_claimed():
    none, some, more = (ran(certificate_mandate_share=share, **OPEN) for share in (0.0, 0.1, 0.2))
    assert none.green.claimed_mwh < some.green.claimed_mwh < more.green.claimed_mwh
    use = more.state["energy"]["purchased_mwh"]
    claimed = more.state["green_power"]["claimed_mwh"]
    # supply is ample: everybody meets its mandate in whole MWh
    assert (claimed >= np.floor(0.2 * use)).all()
    assert (claimed <= use).all()
    assert more.state["flows"]["green_premium_cny"].sum() > 0
    assert more.ledger.payments.get(("certificate penalty", "enterprises", "treasury"), 0.0) == 0.0


def test_l21_who_cannot_buy_pays_the_penalty_on_whole_mwh():
    """No power and no certificates are open: 20 % of use in whole MWh at 50 CNY."""
    world = ran(1, certificate_mandate_share=0.2)
    use = world.state["energy"]["purchased_mwh"]
    assert world.green.claimed_mwh == 0.0
    np.testing.assert_allclose(world.state["flows"]["green_premium_cny"], 50.0 * np.floor(0.2 * use))
    paid = world.ledger.payments["certificate penalty", "enterprises", "treasury"]
    assert paid == pytest.approx(50.0 * np.floor(0.2 * use).sum())


def test_without_levers_nothing_is_traded():
    world = ran(2)
    assert world.green.traded_mwh == world.green.claimed_mwh == 0.0
    assert world.certificates.issued > 0
    assert world.certificates.traded == 0


def test_a_mandate_changes_no_generation_in_its_first_quarter():
    none, some = ran(1), ran(1, certificate_mandate_share=0.2, **OPEN)
    np.testing.assert_array_equal(none.power.quarter.generation_mwh, some.power.quarter.generation_mwh)
    assert none.notes.inventory.territorial_tco2 == some.notes.inventory.territorial_tco2


def test_l22_a_direct_line_delivers_local_power_and_saves_network_charges():
    """Only large enterprises of Guang'an may take it; the line carries 20 MW x 2160 h at most."""
    world = ran(1, "guangan_city", direct_line_mw=20)
    table, finance = world.state["green_power"], world.state["finance"]
    direct = table["direct_mwh"]
    assert 0 < direct.sum() <= 20 * 2160
    assert (finance["size_class"][direct > 0] == 2).all()
    assert (table["claimed_mwh"] >= direct).all()
    saving = world.ledger.payments["direct line saving", "power_utility", "enterprises"]
    assert saving == pytest.approx(1e3 * world.parameter("direct_line_discount_cny_per_kwh") * direct.sum())
    markets = {name: volume for quarter, name, _, _, volume, _ in world.recorder.market if quarter == 0}
    assert markets["green power, direct line"] == direct.sum()


def test_b07_no_certificate_counts_twice():
    world = ran(12, "guangan_city", certificate_mandate_share=0.4, direct_line_mw=20, **OPEN)
    ledger = world.certificates
    assert ledger.issued == ledger.open + ledger.claimed + ledger.expired
    assert 0 < ledger.traded <= ledger.issued
    assert ledger.held >= 0
    # bought certificates are claimed in the quarter of their purchase; the rest of the claims are roofs
    bought = sum(volume for _, _, _, _, volume, _ in world.recorder.market)
    assert ledger.traded == bought
    own_use = ledger.claimed - bought
    assert own_use >= 0
    claimed = world.recorder.place[:12]
    assert claimed[:, PLACE_INDEX["claimed_mwh"]].sum() == bought


def heat_tco2(world):
    """Purchased heat carries its own factor in both scope 2 columns."""
    heat = world.labels["carriers"].index("heat")
    return world.state.fuel_gj[:, heat] * world.reference.carrier_tco2_per_gj[heat]


def test_a15_what_is_claimed_here_is_carried_by_the_rest():
    """The residual factor over the average is supply over supply less claims."""
    world = ran(2, "guangan_city", certificate_mandate_share=0.4, **OPEN)
    energy, claimed = world.state["energy"], world.state["green_power"]["claimed_mwh"]
    # roofs are nowhere in the first quarters, so supply is what the grid delivers
    supply = world.power.quarter.delivered_mwh
    assert claimed.sum() > 0
    factor = world.power.province_factor()
    assert world.green.residual_tco2_per_mwh == pytest.approx(factor * supply / (supply - claimed.sum()), rel=1e-3)
    np.testing.assert_allclose(
        energy["scope2_market_tco2"],
        (energy["purchased_mwh"] - claimed) * world.green.residual_tco2_per_mwh + heat_tco2(world),
    )


def test_a15_roof_power_takes_no_part_in_the_residual_mix():
    """Roofs give 600 MWh to their owners; of the grid's 9 400 MWh at .5 1 000 are claimed: .5 x 94 / 84 is left."""
    world = world_of()
    energy, table = world.state["energy"], world.state["green_power"]
    energy["purchased_mwh"] = 1000.0
    energy["exported_mwh"] = 0.0
    table["claimed_mwh"] = 0.0
    table["claimed_mwh"][0] = world.green.claimed_mwh = 1000.0
    world.power.quarter.delivered_mwh, world.power.quarter.roof_pv_mwh = 10_000.0, 600.0
    world.power.factors_tco2_per_mwh, world.power.start_factor_tco2_per_mwh = [], 0.5
    green_power._scope2(world, energy["purchased_mwh"].sum(), 600.0)
    assert world.green.residual_tco2_per_mwh == pytest.approx(0.5 * 94 / 84)
    assert energy["scope2_market_tco2"][0] == 0.0


def test_contracts_are_signed_in_the_first_quarter_and_last_the_year():
    world = world_of("guangan_city", certificate_mandate_share=0.4, **OPEN)
    model = TransitionModel(world)
    model.step()
    signed = world.green.contracts
    assert signed.mwh_per_quarter.sum() > 0
    for _ in range(3):
        model.step()
        left = world.green.contracts
        assert set(zip(left.seller, left.buyer, left.mwh_per_quarter)) <= set(
            zip(signed.seller, signed.buyer, signed.mwh_per_quarter)
        )  # only those of failed enterprises end
        gone = np.setdiff1d(signed.buyer, left.buyer)
        assert not world.state["finance"]["is_alive"][gone].any()
    model.step()
    assert world.green.contracts is not signed
