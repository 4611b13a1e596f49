"""Measure everything, one after the other: ``python benchmarks/all.py [--json] [--only NAME] [--check]``.

Model, study engine and browser, each figure beside what it should reach. Takes about half an hour on a quiet machine;
ratios within one process hold on a busy one too, seconds do not.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks import measurements, speed, study, ui

MEASUREMENTS = (*measurements.MEASUREMENTS, *study.MEASUREMENTS, *ui.MEASUREMENTS)

if __name__ == "__main__":
    raise SystemExit(speed.measured(MEASUREMENTS, "Measure the model, its studies and its browser."))
