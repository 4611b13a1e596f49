"""The wheel alone: built, installed into a clean environment, run in an empty folder, without sources and network.

Dependencies are those of this environment, by a path file; its own copy of transition_sim is behind the wheel's.
Outside addresses are refused in every process. All rules are compiled here once more,
without the optimiser, to save time.
"""

import json
import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NO_NETWORK = """
import socket

_connect, _resolve = socket.socket.connect, socket.getaddrinfo


def _is_here(host):
    return host in (None, "localhost", "::1", b"localhost") or str(host).startswith("127.")


def connect(self, address):
    if self.family != socket.AF_UNIX and not _is_here(address[0]):
        raise OSError(f"no network in this test: {address}")
    return _connect(self, address)


def resolve(host, *arguments, **named):
    if not _is_here(host):
        raise OSError(f"no network in this test: {host}")
    return _resolve(host, *arguments, **named)


socket.socket.connect, socket.getaddrinfo = connect, resolve
"""


def done(command, **named):
    """Run a command to its end and return what it printed."""
    finished = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=900, **named)
    assert finished.returncode == 0, finished.stdout[-2000:] + finished.stderr[-2000:]
    return finished.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """Return (folder of the programs, settings of the environment) of a clean environment that has the wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    done([*pip, "wheel", "-q", "--no-deps", "--no-build-isolation", "--no-index", "-w", folder / "dist", ROOT])
    (wheel,) = (folder / "dist").glob("transition_sim-*.whl")
    done([sys.executable, "-m", "venv", "--without-pip", folder / "env"])
    python = folder / "env" / "bin" / "python"
    packages = Path(done([python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]).strip())
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    (packages / "no_network.py").write_text(NO_NETWORK)
    (packages / "no_network.pth").write_text("import no_network\n")
    done([*pip, "--python", python, "install", "-q", "--no-deps", "--no-index", "--ignore-installed", wheel])
    kept = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "NUMBA_CACHE_DIR")}
    return folder / "env" / "bin", {**kept, "TRANSITION_SIM_CACHE_DIR": str(folder / "cache"), "NUMBA_OPT": "0"}


@pytest.fixture
def empty(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_what_is_imported_is_the_wheel(installed, empty):
    programs, environment = installed
    where = done([programs / "python", "-c", "import transition_sim; print(transition_sim.__file__)"], env=environment)
    assert Path(where.strip()).is_relative_to(programs.parent)
    outside = "import urllib.request; urllib.request.urlopen('http://192.0.2.1/', timeout=5)"
    refused = subprocess.run([programs / "python", "-c", outside], capture_output=True, text=True, env=environment)
    assert "no network in this test" in refused.stderr


def test_the_city_runs(installed, empty):
    programs, environment = installed
    out = done(
        [programs / "transition-sim", "run", "guangan_city", "--until", "2021", "--out", "result"], env=environment
    )
    assert "Guang'an" in out
    manifest = json.loads((empty / "result" / "manifest.json").read_text())
    assert (manifest["place"], manifest["end_year"]) == ("guangan_city", 2021)
    assert (empty / "result" / "scenario.yaml").is_file()
