"""The server keeps everything to itself: assets come from the package, nothing is fetched, a failure is a sentence."""

import os
import re
import subprocess
import sys
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
