"""What analyses say beside their tables: names within sentences, and how sure the first of a ranking is."""

import numpy as np
import pandas as pd
import planted_runs
import pytest
from study_makers import SMALL, HerePool

from transition_sim.experiments.analyses import differences, sensitivity
from transition_sim.experiments.analyses.finding import Names
from transition_sim.experiments.analyses.registry import analyse
from transition_sim.experiments.driver import run_study
from transition_sim.experiments.study import load_study
from transition_sim.experiments.tables import read_results
from transition_sim.measures import MEASURES
from transition_sim.scenarios.words.figures import within

CUMULATIVE = next(m for m in MEASURES if m.key == "cumulative_dual_control_mtco2")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Cumulative CO₂, dual control", "cumulative CO₂, dual control"),
        ("CO₂ of 2030, dual control", "CO₂ of 2030, dual control"),
        ("GDP, all years", "GDP, all years"),
        ("M", "M"),
        ("", ""),
    ],
)
def test_a_name_within_a_sentence_keeps_only_the_capitals_of_its_signs(name, said):
    assert within(name) == said


def indices(*rows: tuple[str, float, float]) -> pd.DataFrame:
    """Return a table of Sobol indices: (factor, total, half width), the part alone 0.1 below."""
    return pd.DataFrame(
        [
            {"factor": f, "total": t, "total_half_width": h, "first": t - 0.1, "first_half_width": h}
            for f, t, h in rows
        ]
    )  # fmt: skip


def test_the_first_of_sobol_is_said_with_its_half_width_and_whether_another_could_be_as_large():
    """0.81 - 0.63 = 0.18 lies below 0.30 + 0.20; 0.80 - 0.05 = 0.75 lies above 0.20 + 0.05."""
    unsure, unsure_zh = sensitivity._sobol_said(
        indices(("price", 0.81, 0.63), ("rate", 0.30, 0.20)), CUMULATIVE, Names(), Names()
    )
    assert unsure == (
        "price explains most: 81 ± 63 % of the variance of cumulative CO₂, dual control, with its interactions "
        "(71 ± 63 % alone). With so few points rate could be as large."
    )
    assert unsure_zh.endswith("样本较少，rate的影响可能与之相当。")
    sure, _ = sensitivity._sobol_said(
        indices(("price", 0.80, 0.05), ("rate", 0.20, 0.05)), CUMULATIVE, Names(), Names()
    )
    assert sure.endswith("(70 ± 5 % alone).")
    alone, _ = sensitivity._sobol_said(indices(("price", 0.80, 0.05)), CUMULATIVE, Names(), Names())
    assert alone.endswith("(70 ± 5 % alone).")


@pytest.mark.parametrize(
    ("second", "is_noise"),
    [
        # differences 0.2, -0.1, 0.1: mean 0.067, sd 0.153, half width 4.303 x 0.153 / sqrt(3) = 0.38
        ([1.2, 0.9, 1.1], True),
        # differences 1.0, 1.1, 0.9: mean 1, sd 0.1, half width 0.25
        ([2.0, 2.1, 1.9], False),
    ],
)
def test_the_least_regret_is_said_to_be_noise_where_its_lead_could_be(monkeypatch, tmp_path, second, is_noise):
    asked = {
        **SMALL, "id": "regret", "parameters": {}, "levers": {"capex_subsidy_share": {"values": [0.1, 0.2]}},
        "design": {"kind": "grid"}, "policies": ["current"], "replicates": 3,
    }  # fmt: skip
    study = load_study(asked)
    run_study(study, tmp_path / "s", pool=HerePool(), work=planted_runs.work)
    values = np.array([[[1.0, 1.0, 1.0], second]])
    monkeypatch.setattr(differences, "cube", lambda _, key: values)
    ((said, said_zh),) = analyse("regret", read_results(tmp_path / "s")).sentences
    assert ("could be noise: the 95 % interval holds 0" in said) is is_noise
    assert ("95%区间包含0" in said_zh) is is_noise


def test_the_fan_writes_carbon_dioxide_as_all_other_figures_do(tmp_path):
    study = load_study({**SMALL, "id": "fan"})
    run_study(study, tmp_path / "s", pool=HerePool(), work=planted_runs.work)
    finding = analyse("ensemble", read_results(tmp_path / "s"))
    assert finding.title[0] == "Ensemble: CO₂ of energy used, net of power trade"
