"""Renew the golden file of Guang'an: ``python tests/golden/renew.py`` prints what moved, then writes the file."""

import json
import math
from pathlib import Path
from typing import Any

import transition_sim as ts
from transition_sim.world import columns as declared

FILE = Path(__file__).with_name("guangan_city_current_seed1.json")
COLUMNS = [column.name for column in declared.PLACE]
SHOWN_SHARE = 1e-6


def figures() -> dict[str, Any]:
    """Run the scenario and return its annual figures as plain data; what is not defined in a year is null."""
    result = ts.run(ts.load_scenario("guangan_city", policy="current"), seed=1, keep_agents=False, keep_decisions=False)
    annual = result.annual
    return {
        "place": "guangan_city",
        "policy": "current",
        "seed": 1,
        "years": [int(year) for year in annual.index],
        "peak_year": {basis: int(result.peak(basis).peak_year) for basis in ("dual_control", "territorial")},
        "annual": {c: [None if math.isnan(v) else float(v) for v in annual[c]] for c in COLUMNS},
    }


def moved(then: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """Return a line for every column that moved by more than a millionth, with its largest change."""
    lines = []
    for name, values in now["annual"].items():
        before = then.get("annual", {}).get(name)
        if before is None:
            lines.append(f"{name}: new")
            continue
        pairs = [
            (y, a, b) for y, a, b in zip(now["years"], before, values, strict=True) if a is not None and b is not None
        ]
        year, a, b = max(pairs, key=lambda p: abs(p[2] - p[1]) / max(abs(p[1]), 1e-12), default=(0, 0.0, 0.0))
        if abs(b - a) > SHOWN_SHARE * abs(a):
            lines.append(f"{name}: {a:.6g} to {b:.6g} in {year}")
    return lines


def main() -> None:
    """Compare, print and write."""
    now = figures()
    then = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}
    print("\n".join(moved(then, now)) or "nothing moved by more than a millionth")
    FILE.write_text(json.dumps(now, indent=1) + "\n", encoding="utf-8")
    print(f"written: {FILE.name}")


if __name__ == "__main__":
    main()
