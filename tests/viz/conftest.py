import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).resolve().parents[2])]


@pytest.fixture(scope="session")
def server():
    """Address of a server of its own on a free port; the small place, two pairs of runs."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = "from transition_sim.cli import main; main()"
    options = ["ui", "--place", "minimal", "--port", str(port), "--pairs", "2", "--no-browser"]
    process = subprocess.Popen([sys.executable, "-c", command, *options], env=os.environ)
    address = f"http://127.0.0.1:{port}"
    try:
        end = time.monotonic() + 120
        while True:
            try:
                urllib.request.urlopen(f"{address}/healthz", timeout=1).read()
                break
            except (urllib.error.URLError, OSError):
                assert process.poll() is None, "the server ended"
                assert time.monotonic() < end, "the server did not answer"
                time.sleep(0.2)
        yield address
    finally:
        process.terminate()
        process.wait(60)
