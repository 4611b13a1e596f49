"""The studies of calibration are in order, look at 2022 and before only, and their observations are kept by them."""

from importlib.resources import as_file, files
from pathlib import Path

import pandas as pd
import pytest

from transition_sim.experiments.calibration import read_observations
from transition_sim.experiments.study import load_study
from transition_sim.measures import FURTHER_MEASURES, MEASURES

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
LAST_YEAR = 2022


@pytest.mark.parametrize("name", ["cars", "credit"])
def test_a_calibration_knows_nothing_after_2022(name):
    study = load_study(EXAMPLES / f"calibration_{name}.yaml")
    assert study.years[-1] == LAST_YEAR
    observed = read_observations(EXAMPLES / f"observed_{name}.yaml", study)
    assert {o.measure.key for o in observed} <= {m.key for m in study.measures}


def test_observed_cars_are_those_of_the_pattern():
    """13.4 and 25.6 % of new cars; 3 points are two standard deviations."""
    observed = read_observations(
        EXAMPLES / "observed_cars.yaml", load_study(EXAMPLES / "calibration_cars.yaml")
    )  # fmt: skip
    assert [(o.value, o.sd) for o in observed] == [(13.4, 1.5), (25.6, 1.5)]


def test_further_measures_are_kept_only_where_they_are_named():
    further = {m.key for m in FURTHER_MEASURES}
    assert not further & {m.key for m in MEASURES}
    plain = {"format": "study/1", "id": "plain", "places": ["minimal"], "until": 2022}
    assert not further & {m.key for m in load_study(plain).measures}
    asked = load_study(plain | {"outcomes": ["capex_financed_2022_percent"]})
    assert [m.key for m in asked.measures] == ["capex_financed_2022_percent"]


def test_the_posterior_of_cars_is_an_ensemble_of_allowed_settings():
    """Weights sum to 1; every setting lies in the range of its parameters and was run by the study."""
    with as_file(files("transition_sim.scenarios") / "library" / "posteriors" / "cars.csv") as path:
        table = pd.read_csv(path)
    assert table["weight"].sum() == pytest.approx(1.0, abs=1e-4)
    for factor in load_study(EXAMPLES / "calibration_cars.yaml").factors:
        assert table[factor.key].between(factor.low, factor.high).all()
    median = table.sort_values("electric_cars_2022_percent")
    at = median["weight"].cumsum().searchsorted(0.5)
    assert median["electric_cars_2022_percent"].iloc[at] == pytest.approx(25.6, abs=3.0)
