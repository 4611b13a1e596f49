"""State-owned enterprises keep what refused plans need; owners of the others take it (SM08, P04)."""

import numpy as np

import transition_sim as ts
from transition_sim.world.state import SOE


def test_refused_investment_fades_within_a_year():
    """Each quarter .75 of what was, and what was wanted and not financed; cash above plan and want goes to owners."""
    built = ts.build_model(ts.load_scenario("guangan_city", "current", end_year=2022), seed=1, keep_decisions=False)
    world, kept = built.world, np.zeros(built.world.state.n_enterprises)
    p, was_any = world.params[0], False
    for _ in range(12):
        built.step()
        finance, flows = world.state["finance"], world.state["flows"]
        kept = p["refused_plans_kept_share"] * kept + finance["desired_capex_cny"] - finance["approved_capex_cny"]
        assert np.allclose(finance["refused_capex_cny"], kept, rtol=1e-12, atol=1e-3)
        wanted = 4.0 * p["cash_sales_share"] * flows["sales_cny"]
        state_owned = finance["ownership"] == SOE
        most = p["cash_kept_multiple"] * wanted + np.where(state_owned, kept, 0.0)
        assert (finance["cash_cny"] <= most + 1.0).all()
        was_any |= bool((finance["cash_cny"] > p["cash_kept_multiple"] * wanted + 1.0)[state_owned].any())
    assert was_any
