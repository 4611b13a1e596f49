"""The server keeps everything to itself: assets come from the package, nothing is fetched, a failure is a sentence."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
import solara.server

from transition_sim.viz.server import ASSETS, SERVED, asset_path

TEMPLATE = Path(solara.server.__file__).parent / "templates" / "solara.html.j2"


class Answer:
    def __init__(self, status: int, headers, content: bytes):
        self.status_code, self.headers, self.content = status, headers, content
        self.text = content.decode("utf-8", "replace")


@pytest.fixture(scope="module")
def client(server):
    class Client:
        def get(self, path: str) -> Answer:
            try:
                with urllib.request.urlopen(server + path, timeout=20) as found:
                    return Answer(found.status, found.headers, found.read())
            except urllib.error.HTTPError as error:
                return Answer(error.code, error.headers, error.read())

    return Client()


def test_healthy(client):
    assert client.get("/healthz").text == "ok"


def test_every_asset_that_the_page_names_is_in_the_package(client):
    page = client.get("/")
    assert page.status_code == 200
    named = re.findall(r'(?:href|src)="([^"]+)"', page.text)
    assert [url for url in named if re.match(r"(https?:)?//", url)] == []
    ours = [url for url in named if "/_solara/cdn/" in url]
    assert len(ours) >= 3
    for url in ours:
        answer = client.get(url)
        assert answer.status_code == 200, url
        assert len(answer.content) > 1000


def test_assets_stay_local_where_nothing_can_be_written_and_inside_an_editor(tmp_path):
    """As in a container with a user of its own: Solara would name its content network in the page."""
    look = (
        "import sys; sys.prefix = '/dev/null'; from transition_sim.viz.server import set_environment;"
        "set_environment(); import solara, solara.server.settings as found;"
        "print(solara.settings.assets.proxy, found.telemetry.server_user_id)"
    )
    home = tmp_path / "home"
    home.write_text("no folder")
    own = {key: value for key, value in os.environ.items() if not key.startswith("SOLARA_")}
    asked = own | {"VSCODE_PID": "1", "HOME": str(home)}
    found = subprocess.run(
        [sys.executable, "-W", "error::UserWarning", "-c", look], env=asked, capture_output=True, text=True, check=True
    )
    assert found.stdout.split() == ["True", "nobody"]


def test_the_template_of_this_solara_asks_for_the_versions_that_we_ship():
    """Its Vue 2 branch; a new version of Solara that asks for other files fails here."""
    text = TEMPLATE.read_text(encoding="utf-8")
    asked = set(re.findall(r"{{cdn}}/(@widgetti/solara-vuetify-app@[0-9.]+/dist|requirejs@[0-9.]+)/", text))
    assert asked == set(SERVED)


def test_what_style_sheets_load_is_in_the_package():
    for sheet in ("main8.css", "fonts.css"):
        text = (ASSETS / "solara-vuetify-app" / sheet).read_text(encoding="utf-8")
        fonts = set(re.findall(r"url\(([^)]+\.woff2)\)", text))
        assert [f for f in fonts if not (ASSETS / "solara-vuetify-app" / f.strip("\"'")).is_file()] == []
        assert re.findall(r"@import|url\([\"']?https?:", text) == []


@pytest.mark.parametrize(
    "path", ["lodash@4/lodash.js", "requirejs@2.3.6/../../secret", "requirejs@2.3.6/", "", "/etc/passwd"]
)
def test_nothing_else_is_served_or_fetched(client, path):
    assert asset_path(path) is None
    assert client.get(f"/_solara/cdn/{path}").status_code == 404


def test_licences_of_what_we_ship_stand_beside_it():
    for folder, name in (("echarts", "LICENSE"), ("echarts", "NOTICE"), ("requirejs", "require.js")):
        assert (ASSETS / folder / name).is_file()
    assert "MIT" in (ASSETS / "requirejs" / "require.js").read_text(encoding="utf-8")[:400]
    assert (ASSETS / "solara-vuetify-app" / "solara-vuetify-app8.min.js.LICENSE.txt").is_file()


def test_headers_keep_the_page_to_itself(client):
    headers = client.get("/").headers
    assert "default-src 'self'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"


def test_charts_are_served(client):
    assert b"Apache" in client.get("/_ui/echarts.min.js").content[:400]


def children_of(process: int) -> set[int]:
    """Processes that a process started, and theirs, as /proc has them."""
    parents = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
    found, ahead = set(), [process]
    while ahead:
        fresh = {child for child, parent in parents.items() if parent == ahead[-1]} - found
        ahead.pop()
        ahead.extend(fresh)
        found |= fresh
    return found


def is_running(process: int) -> bool:
    """Whether a process is there and no zombie."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads /proc")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stopped_server_ends_well_and_leaves_nobody(tmp_path, number):
    """Workers in the midst of a run and a study that has begun are gone; the words are those of a server."""
    start = (
        "from transition_sim.cli import main; from transition_sim.viz.draft import preset_scenario; import sys\n"
        "import transition_sim.viz.server as server\n"
        "def busy():\n"
        "    from transition_sim.viz.app import laboratory\n"
        "    from transition_sim.viz.pages.research import bench\n"
        "    laboratory.submit(preset_scenario('minimal', 'none'), 1)\n"
        "    from transition_sim.experiments.study import load_study\n"
        "    assert bench.start(load_study('q2_mix', replicates=1))\n"
        "true = server.make_app\n"
        "server.make_app = lambda *given: (true(*given), busy())[0]\n"
        "if __name__ == '__main__':\n"
        "    main()\n"
    )
    (tmp_path / "start.py").write_text(start)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = ["ui", "--place", "minimal", "--port", str(port), "--no-browser", "--lang", "en"]
    process = subprocess.Popen(
        [sys.executable, str(tmp_path / "start.py"), *options], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL,
        text=True,
    )  # fmt: skip
    try:
        first = process.stderr.readline()
        assert f":{port}/" in first, first + process.stderr.read()
        workers = children_of(process.pid)
        assert len(workers) >= 2
        process.send_signal(number)
        _, rest = process.communicate(timeout=60)
        assert process.returncode == 0
        assert rest.splitlines()[-1] == "The laboratory is closed."
        assert "nothing was written" not in rest.lower()
        end = time.monotonic() + 10  # what keeps the books of shared memory ends when it sees that all others have
        while left := [w for w in workers if is_running(w)]:
            assert time.monotonic() < end, [Path(f"/proc/{w}/cmdline").read_text() for w in left]
            time.sleep(0.1)
    finally:
        process.kill()
