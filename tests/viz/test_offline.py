"""Without a network: in a namespace that has loopback only, pages, a report and a run are what they are with one."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.chromium import find_chromium

ALONE = ["unshare", "--map-root-user", "--net", sys.executable, "-c"]
LOOPBACK = """
import fcntl, socket, struct, sys
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as door:
    asked = struct.pack("16sH14s", b"lo", 0, b"")
    flags = struct.unpack("16sH14s", fcntl.ioctl(door, 0x8913, asked))[1]  # SIOCGIFFLAGS
    fcntl.ioctl(door, 0x8914, struct.pack("16sH14s", b"lo", flags | 1, b""))  # SIOCSIFFLAGS, IFF_UP
assert [name for _, name in socket.if_nameindex()] == ["lo"], socket.if_nameindex()
try:
    socket.create_connection(("192.0.2.1", 80), timeout=5)
    sys.exit("there is a network")
except OSError:
    pass
"""
"""Brings loopback up and makes sure that there is no way out; runs first in a namespace of its own."""
VISITS = ("test_a_lever_repaints_and_can_be_undone", "test_a_report_is_made")
"""Tests of pages that are made again; their strict end refuses whatever is asked of elsewhere, or not answered."""


def alone(code: str, *arguments: str, **options) -> subprocess.CompletedProcess[str]:
    """Run Python code where loopback is all that there is."""
    return subprocess.run([*ALONE, LOOPBACK + code, *arguments], capture_output=True, text=True, **options)


@pytest.fixture(scope="module", autouse=True)
def namespace():
    """Skip where a namespace of one's own is not allowed, or not known."""
    if shutil.which(ALONE[0]) is None:
        pytest.skip("unshare is not installed")
    made = subprocess.run([*ALONE, "pass"], capture_output=True, text=True)
    if made.returncode:
        pytest.skip(f"no network namespace is allowed here: {made.stderr.strip()}")


@pytest.mark.skipif(find_chromium() is None, reason="Chromium is not installed")
def test_the_browser_shows_its_charts_and_makes_its_report():
    """The server and Chromium are both inside."""
    pages = Path(__file__).with_name("test_browser.py")
    code = "import pytest; sys.exit(pytest.main(sys.argv[1:]))"
    asked = [f"{pages}::{name}" for name in VISITS]
    done = alone(code, *asked, "-n0", "-p", "no:cacheprovider", cwd=pages.parents[2], timeout=900)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(VISITS)} passed" in done.stdout


def test_a_run_is_the_same_as_with_a_network(tmp_path):
    code = "from transition_sim.cli import main; main()"
    asked = ["run", "minimal", "--policy", "ambitious", "--until", "2027", "--seed", "3", "--out"]
    done = alone(code, *asked, str(tmp_path / "alone"), timeout=900)
    assert done.returncode == 0, done.stdout + done.stderr
    subprocess.run([sys.executable, "-c", code, *asked, str(tmp_path / "open")], check=True, capture_output=True)
    one, two = (
        {path.name: path.read_bytes() for path in (tmp_path / name).rglob("*.csv")} for name in ("alone", "open")
    )
    assert len(one) > 1
    assert one == two
