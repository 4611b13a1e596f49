"""Measure speed as ratios in one run and print them: ``python benchmarks/speed.py [--json] [--only NAME]``."""

import argparse
import json
import platform
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import mesa
import numba
import numpy as np

from benchmarks.measurements import MEASUREMENTS, Measurement


def machine() -> dict[str, str]:
    """Return the versions that a ratio depends on."""
    return {
        "python": platform.python_version(),
        "mesa": mesa.__version__,
        "numba": numba.__version__,
        "numpy": np.__version__,
        "platform": platform.platform(),
    }


def report(chosen: list[Measurement], found: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Return one flat object: each value under its name, ``equal``, and the details."""
    summary: dict[str, Any] = {m.name: found[m.name]["value"] for m in chosen}
    equal = [result["equal"] for result in found.values() if "equal" in result]
    if equal:
        summary["equal"] = all(equal)
    summary["reached"] = {m.name: m.is_reached(found[m.name]["value"]) for m in chosen}
    return summary | {"details": found, "machine": machine()}


def table(chosen: list[Measurement], found: dict[str, dict[str, Any]]) -> str:
    """Return the measurements as lines of text, details indented below each."""
    lines = [f"{'measurement':<24}{'value':>10}{'target':>10}  meaning"]
    for m in chosen:
        result = found[m.name]
        mark = "" if m.is_reached(result["value"]) else "  (missed)"
        lines.append(f"{m.name:<24}{result['value']:>10.4g}{m.target:>10}  {m.meaning}{mark}")
        lines += [f"    {key:<28}{_words(value)}" for key, value in result.items() if key != "value"]
    return "\n".join(lines)


def _words(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {_words(part)}" for key, part in value.items())
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def measured(measurements: Sequence[Measurement], about: str, arguments: list[str] | None = None) -> int:
    """Run measurements; return 1 where results differ, or with ``--check`` where a target is missed."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--only", action="append", choices=[m.name for m in measurements], help="may be repeated")
    parser.add_argument("--check", action="store_true", help="fail where a target is missed")
    options = parser.parse_args(arguments)
    chosen = [m for m in measurements if not options.only or m.name in options.only]
    found = {}
    for m in chosen:
        print(f"measuring {m.name}: {m.meaning} ...", file=sys.stderr, flush=True)
        found[m.name] = m.run()
    summary = report(chosen, found)
    print(json.dumps(summary, indent=2) if options.json else table(chosen, found))
    missed = options.check and not all(summary["reached"].values())
    return 1 if missed or not summary.get("equal", True) else 0


def main(arguments: list[str] | None = None) -> int:
    """Measure the model itself."""
    return measured(MEASUREMENTS, "Measure the speed of the model as ratios inside one process.", arguments)


if __name__ == "__main__":
    raise SystemExit(main())
