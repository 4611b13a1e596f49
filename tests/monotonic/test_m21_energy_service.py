"""M21: with energy service companies a larger part of adopters is small and medium (SM09, common random numbers)."""

import numpy as np

import transition_sim as ts

SEEDS = range(1, 21)


def smaller_share_of_adopters(promotion: float, seed: int) -> float:
    """Small and medium enterprises among those that ordered a green technology, each technology counted once."""
    overlay = {"levers": {"esco_promotion": promotion}}
    asked = ts.load_scenario("guangan_city", policy="none", overlay=overlay, end_year=2030)
    run = ts.run(asked, seed=seed, keep_agents=False)
    log = run.decisions
    is_adoption = log["is_chosen"] & log["outcome"].str.startswith("ordered")
    adopted = log[is_adoption & log["option"].isin(run.labels["green_technologies"])]
    adopted = adopted.drop_duplicates(["enterprise", "option"])
    size = run.enterprises.set_index("enterprise")["size_class"]
    return float((adopted["enterprise"].map(size) != "large").mean())


def test_m21_companies_raise_the_share_of_smaller_adopters():
    """Mean of the paired differences above 0; at most 2 of 20 seeds the other way."""
    gain = np.array([smaller_share_of_adopters(1.0, s) - smaller_share_of_adopters(0.0, s) for s in SEEDS])
    assert gain.mean() > 0.0
    assert (gain >= 0.0).mean() >= 0.9
