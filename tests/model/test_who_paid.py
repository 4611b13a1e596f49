"""Who paid adds up: by payer, by size of enterprise, and against the tables of the run."""

import pytest

import transition_sim as ts
from transition_sim.summary import fiscal, who_paid

SIZES = ("large", "medium", "small")


def test_sizes_payers_and_tables_add_up():
    """Each total by hand from the tables; the table of enterprises keeps single precision."""
    result = ts.run(ts.load_scenario("minimal", "current", end_year=2026), seed=1)
    paid, total = who_paid(result), result.annual.sum() / 1e6
    assert total["tax_credit_cny"] > 0 < total["subsidy_cny"]
    own = sum(paid[f"{size}_enterprises"] for size in SIZES)
    assert own == pytest.approx(paid["enterprises"] + paid["tax_credits_to_enterprises"], rel=1e-6)
    assert own == pytest.approx(total["capex_cny"] - total["subsidy_cny"], rel=1e-6)
    assert sum(paid[f"subsidies_to_{size}"] for size in SIZES) == pytest.approx(total["subsidy_cny"], rel=1e-6)
    assert paid["government"] == pytest.approx(fiscal(result)["paid"] - total["support_cny"], rel=1e-12)
