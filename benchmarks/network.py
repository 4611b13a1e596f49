"""The network of the browser door as it is drawn for a visitor: the shipped canvas, 2,000 enterprises, in Chromium.

``python -m benchmarks.network``. Years are played one after the other, each in a frame of its own, and a frame counts
from the click to the last pixel: the canvas is read back, which waits for all that was only noted down.
"""

import json
import re
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.chromium import Visit, started
from transition_sim.viz import network

ENTERPRISES, EDGES, YEARS, ROUNDS = 2000, 4000, 16, 3
COMPONENT = Path(network.__file__).parent / "widgets" / "Network.vue"
PAGE = """<canvas id="c" style="width:1000px;height:640px;display:block"></canvas>
<script>window.module = {{}};</script><script>{script}</script><script>
const canvas = document.getElementById('c'), made = {{chosen: 5, d: {data}, $refs: {{c: canvas}}}};
Object.assign(made, module.exports.data());
for (const key of Object.keys(module.exports.methods)) made[key] = module.exports.methods[key].bind(made);
const timed = (act) => {{ const from = performance.now(); act(); canvas.getContext('2d').getImageData(0, 0, 1, 1);
  return performance.now() - from; }};
const opening = timed(() => made.decode());
window.play = async () => {{ const times = [];
  for (let k = 0; k < {frames}; k += 1) {{ await new Promise(requestAnimationFrame);
    times.push(timed(() => made.seek(k % {years}))); }}
  return {{opening, times}}; }};
</script>"""


def network_data(n: int = ENTERPRISES) -> dict[str, Any]:
    """Return what the canvas takes: five counties, sizes as uneven as in a city, a twentieth closed in the end."""
    draw = np.random.default_rng(1)
    county, size = draw.integers(0, 5, n).astype(str), draw.pareto(1.2, n) + 0.1
    places = network.layout(county, size)
    classes = np.zeros((len(network.MODES), YEARS, n), "u1")
    for row, mode in zip(classes, network.MODES, strict=True):
        row[:] = np.minimum(draw.random(n) * np.linspace(1, len(mode.colours), YEARS)[:, None], len(mode.colours) - 1)
    classes[:, YEARS // 2 :, : n // 20] = network.GONE
    middles = {g: places[county == g] for g in "01234"}
    return {
        "n": n, "places": network.packed(places), "frames": network.packed(classes),
        "reach": network.packed((2.2 + 7.0 * np.sqrt(size / size.max())).astype("f4")),
        "edges": network.packed(draw.integers(0, n, (EDGES, 2)).astype("i4")), "years": list(range(2020, 2020 + YEARS)),
        "groups": [{"name": g, "x": float(p[:, 0].mean()), "y": float(p[:, 1].min())} for g, p in middles.items()],
        "modes": [{"classes": [{"colour": colour} for colour in mode.colours]} for mode in network.MODES],
    }  # fmt: skip


def frames_ms() -> dict[str, float]:
    """Return median, fastest and slowest frame, and the first one, which paints what stays, ms."""
    script = re.search(r"<script>(.*)</script>", COMPONENT.read_text(encoding="utf-8"), re.DOTALL)
    assert script is not None
    page = PAGE.format(script=script[1], data=json.dumps(network_data()), frames=ROUNDS * YEARS, years=YEARS)
    with started() as chromium, tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "network.html"
        path.write_text(page, encoding="utf-8")
        browser = Visit(chromium, 1280, 800)
        browser.go(path.as_uri())
        browser.until("typeof window.play === 'function'")
        time.sleep(0.5)
        found = browser.run("window.play()")
    times = found["times"]
    return {
        "median": statistics.median(times), "fastest": min(times), "slowest": max(times), "first": found["opening"],
    }  # fmt: skip


if __name__ == "__main__":
    print(" ".join(f"{name} {value:.1f} ms" for name, value in frames_ms().items()))
