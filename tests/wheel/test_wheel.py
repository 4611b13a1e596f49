"""The wheel alone: built, installed into a clean environment, run in an empty folder, without sources and network.

Dependencies are those of this environment, by a path file, and the widgets that they register with Jupyter by its own
settings; its own copy of transition_sim is behind the wheel's.
Outside addresses are refused in every process. All rules are compiled here once more,
without the optimiser, to save time.
"""

import json
import os
import socket
import subprocess
import sys
import sysconfig
import time
import urllib.error
import urllib.request
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
    jupyter = {"JUPYTER_PATH": f"{sys.prefix}/share/jupyter", "JUPYTER_CONFIG_PATH": f"{sys.prefix}/etc/jupyter"}
    compiled = {"TRANSITION_SIM_CACHE_DIR": str(folder / "cache"), "NUMBA_OPT": "0"}
    return folder / "env" / "bin", {**kept, **jupyter, **compiled}


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


def test_the_browser_door_opens(installed, empty):
    """The page and what it asks for first; nothing is run, so nothing is compiled."""
    programs, environment = installed
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [programs / "transition-sim", "ui", "--port", str(port), "--no-browser"]
    with (empty / "log").open("w") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=subprocess.STDOUT)
    try:
        at = f"http://127.0.0.1:{port}"
        assert answer(f"{at}/healthz", server, empty / "log") == b"ok"
        page = answer(f"{at}/", server, empty / "log")
        assert b"<title>transition-sim" in page
        assert b"https://" not in page.split(b"<body")[0]
        assert len(answer(f"{at}/_ui/echarts.min.js", server, empty / "log")) > 1_000_000
        bundle = "_solara/cdn/@widgetti/solara-vuetify-app@10.1.1/dist/solara-vuetify-app8.min.js"
        assert len(answer(f"{at}/{bundle}", server, empty / "log")) > 1_000_000
    finally:
        server.terminate()
        server.wait(30)


def answer(address: str, server: subprocess.Popen, log: Path, patience_s: float = 120.0) -> bytes:
    """Return what an address answers, once the server listens; an answer that is an error is the end of the wait."""
    until = time.monotonic() + patience_s
    while True:
        assert server.poll() is None, log.read_text()
        try:
            with urllib.request.urlopen(address, timeout=60) as found:
                return found.read()
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{address}: {error}: {log.read_text()[-3000:]}") from None
        except OSError:
            assert time.monotonic() < until, f"{address} did not answer: {log.read_text()[-3000:]}"
            time.sleep(0.2)
