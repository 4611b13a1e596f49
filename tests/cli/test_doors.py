"""The public list of the package: every door opens, and none is opened before somebody knocks."""

import subprocess
import sys

import networkx as nx
import pytest

import transition_sim as ts


def loaded_after(code: str) -> set[str]:
    """Return the heavy modules that a fresh Python has loaded after some code."""
    heavy = "{'numba', 'pandas', 'mesa', 'scipy', 'networkx', 'matplotlib', 'pydantic', 'numpy'}"
    program = f"import sys\n{code}\nprint(*({heavy} & set(sys.modules)))"
    return set(
        subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    )


def test_import_costs_nothing():
    assert loaded_after("import transition_sim") == set()


def test_help_and_lists_need_no_model():
    heavy = loaded_after("from typer.testing import CliRunner\nfrom transition_sim.cli.app import app\n"
                         "CliRunner().invoke(app, ['levers'])")  # fmt: skip
    assert not heavy & {"numba", "pandas", "mesa", "matplotlib"}


def test_the_package_runs_as_a_module():
    command = [sys.executable, "-m", "transition_sim", "check", "no_such_file.yaml"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, "no_such_file.yaml" in done.stderr + done.stdout) == (2, True)


@pytest.mark.parametrize("name", ts.__all__)
def test_every_door_opens(name):
    assert getattr(ts, name) is not None
    assert name in dir(ts)


def test_an_unknown_door_is_an_attribute_error():
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        ts.nothing  # noqa: B018


def test_the_python_door_of_the_readme():
    scenario = ts.load_scenario(
        "minimal", policy="none", overlay={"levers": {"capex_subsidy_share": 0.2}}, end_year=2021
    )
    done = []
    result = ts.run(scenario, seed=1, on_quarter=lambda quarter, total: done.append((quarter, total)))
    assert isinstance(result, ts.RunResult)
    assert done == [(q, 8) for q in range(1, 9)]
    assert len(result.place) == 8
    assert list(result.annual.index) == [2020, 2021]
    assert isinstance(result.supply_graph(), nx.DiGraph)


def test_stepping_by_hand_equals_running():
    scenario = ts.load_scenario("minimal", policy="current", end_year=2021)
    model = ts.build_model(scenario, seed=3)
    for _ in range(8):
        model.step()
    assert model.result().place.equals(ts.run(scenario, seed=3).place)


def test_mistakes_are_scenario_errors():
    with pytest.raises(ts.ScenarioError, match="Did you mean minimal"):
        ts.load_scenario("minimall")
