"""The whole suite on several workers: rules are compiled once for all of them, and long files come first.

Side by side, workers that find no compiled rules would each compile all of them; and a worker that is handed a long
file at the end leaves the others without work.
"""

from contextlib import suppress
from pathlib import Path

import pytest

ROOT = Path(__file__).parent
LONG = (
    "experiments/test_interruptions.py",
    "wheel/test_wheel.py",
    "monotonic/test_m01_m10.py",
    "model/test_reproducibility.py",
    "experiments/test_presets_and_reports.py",
    "monotonic/test_m11_m26.py",
    "invariants/test_random_scenarios.py",
    "viz/test_browser.py",
    "experiments/test_notebooks.py",
    "experiments/test_dask.py",
    "model/test_shared_past.py",
    "docs/test_how_to.py",
    "cli/test_cli_run.py",
    "invariants/test_identities_hold.py",
    "monotonic/test_m21_energy_service.py",
    "experiments/test_engine.py",
)
"""Files that take the longest, longest first; the others follow in the order of their rooms."""


def pytest_sessionstart(session: pytest.Session) -> None:
    """Compile ahead of the workers where all tests are asked for; a few of them may need few rules, or none."""
    config = session.config
    is_whole = config.args_source is pytest.Config.ArgsSource.TESTPATHS and not config.option.collectonly
    if hasattr(config, "workerinput") or not is_whole:
        return
    import transition_sim as ts
    from transition_sim.core import kernels

    if kernels.is_cold():
        config.get_terminal_writer().line("The rules are compiled, once for all workers: this takes a minute or two.")
        with suppress(Exception):  # what is wrong with a run is for the tests to say
            ts.run(ts.load_scenario("minimal", "none", end_year=2021), seed=1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Bring long files to the front; tests of a file stay together and in order."""
    rank = {ROOT / name: number for number, name in enumerate(LONG)}
    assert all(path.is_file() for path in rank), "a file with a new name needs its place in LONG"
    items.sort(key=lambda item: rank.get(item.path, len(rank)))
