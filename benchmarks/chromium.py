"""A small driver of headless Chromium over its DevTools protocol: go, evaluate, what the page asked for."""

import base64
import json
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from websockets.sync import client

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--remote-debugging-port=0",
)  # fmt: skip


def find_chromium() -> str | None:
    """Return the path of Chromium, None where it is not installed."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def _connect(address: str):
    """Return a connection that is closed by hand; websockets 17 wants to be told so."""
    try:
        return client.connect(address, max_size=None, legacy=True)
    except TypeError:
        return client.connect(address, max_size=None)


class Browser:
    """One page of a browser of its own."""

    def __init__(self, width: int, height: int, language: str = "zh-CN"):
        path = find_chromium()
        assert path is not None
        self._folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        options = [
            f"--user-data-dir={self._folder.name}",
            f"--window-size={width},{height}",
            f"--lang={language}",
            f"--accept-lang={language}",
        ]
        self._process = subprocess.Popen([path, *FLAGS, *options, "about:blank"], stderr=subprocess.DEVNULL)
        port_file, end = Path(self._folder.name) / "DevToolsActivePort", time.monotonic() + 30
        while not (port_file.exists() and len(port_file.read_text().splitlines()) == 2):
            assert time.monotonic() < end, "the browser did not start"
            time.sleep(0.05)
        port, root = port_file.read_text().splitlines()
        self._socket = _connect(f"ws://127.0.0.1:{port}{root}")
        self._number, self._session, self.events = 0, "", []
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network"):
            self.send(f"{domain}.enable")
        self.send("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        self.send("Network.setExtraHTTPHeaders", headers={"Accept-Language": language})

    def send(self, method: str, **params):
        self._number += 1
        message = {"id": self._number, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        self._socket.send(json.dumps(message))
        while True:
            answer = json.loads(self._socket.recv(timeout=60))
            if answer.get("id") == self._number:
                assert "error" not in answer, answer
                return answer["result"]
            self.events.append(answer)

    def go(self, url: str) -> None:
        self.send("Page.navigate", url=url)

    def run(self, script: str):
        """Return the value of an expression."""
        answer = self.send("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def until(self, script: str, seconds: float = 60.0):
        """Wait until an expression is true and return it."""
        end = time.monotonic() + seconds
        while not (value := self.run(script)):
            assert time.monotonic() < end, f"{script}: {self.run('document.body.innerText')[:600]}"
            time.sleep(0.05)
        return value

    def picture(self, path: Path) -> None:
        path.write_bytes(base64.b64decode(self.send("Page.captureScreenshot")["data"]))

    @property
    def requests(self) -> list[str]:
        return [e["params"]["request"]["url"] for e in self.events if e.get("method") == "Network.requestWillBeSent"]

    @property
    def failures(self) -> list[str]:
        """Answers of 400 and more, and errors of scripts."""
        bad = []
        for event in self.events:
            params = event.get("params", {})
            if event.get("method") == "Network.responseReceived" and params["response"]["status"] >= 400:
                bad.append(f"{params['response']['status']} {params['response']['url']}")
            if event.get("method") == "Runtime.exceptionThrown":
                bad.append(str(params["exceptionDetails"].get("exception", {}).get("description")))
        return bad

    def close(self) -> None:
        self._socket.close()
        self._process.terminate()
        self._process.wait(20)
        self._folder.cleanup()
