"""Measure the study engine: ``python benchmarks/study.py [--json] [--only NAME]``."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.measurements import Measurement
from benchmarks.speed import measured
from benchmarks.study_cases import (
    against_batch_run,
    against_twin,
    attribution,
    driver_memory,
    engine_cost,
    fan_chart,
    two_workers,
)

MEASUREMENTS = (
    Measurement("engine_cost_percent", "the engine's own cost, % of runs of 50 ms", engine_cost, at_most=3.0),
    Measurement("two_workers", "one worker's time over that of two, 50 ms a run", two_workers, at_least=1.6),
    Measurement("driver_mb", "peak memory of the driver at a million empty runs, MB", driver_memory, at_most=300.0),
    Measurement("fan_chart_s", "seconds of a fan chart over 100,000 runs", fan_chart, at_most=1.0),
    Measurement("attribution_s", "seconds of 256 runs of guangan_city with attribution", attribution, at_most=30.0),
    Measurement("over_batch_run", "runs a second over mesa.batch_run, same model", against_batch_run, at_least=1.0),
    Measurement("over_twin", "runs a second over mesa.batch_run on the Mesa twin", against_twin, at_least=200.0),
)

if __name__ == "__main__":
    raise SystemExit(measured(MEASUREMENTS, "Measure studies, Mesa's batch_run beside them."))
