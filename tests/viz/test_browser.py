"""The page in Chromium: nothing foreign is asked for, a lever repaints, languages, links, two visitors."""

import zipfile
from pathlib import Path

import pytest

from benchmarks.chromium import Visit, find_chromium, started
from transition_sim.experiments.study import load_study
from transition_sim.viz.draft import acting_levers, preset_scenario
from transition_sim.viz.lever_panel import idle_reasons
from transition_sim.viz.session import PAGES

pytestmark = pytest.mark.skipif(find_chromium() is None, reason="Chromium is not installed")
PAINTED = "window.__painted > 0 && document.querySelectorAll('.ts-chart canvas').length >= 3"
FIRST_S = 400.0  # the very first run of a version compiles the rules


FILE_SAYS = "(document.querySelector('.ts-builder pre')?.textContent || '').includes('{}')"
UNFOLD = "document.querySelectorAll('.ts-page details').forEach((d) => { d.open = true; })"
TABLES = f"({UNFOLD}, [...document.querySelectorAll('.ts-chart')].every((c) => c.querySelector('.ts-table table')))"
"""Whether each chart shows its table; those of charts that came late are opened on the way."""


@pytest.fixture(scope="module")
def chromium():
    with started() as browser:
        yield browser


@pytest.fixture
def visit(server, chromium):
    """Open visits; none may ask for anything foreign, get an answer of 400 or more, or fail in a script."""
    opened = []

    def make(query: str = "", width: int = 1280, height: int = 800) -> Visit:
        browser = Visit(chromium, width, height)
        opened.append(browser)
        browser.go(query if query.startswith(server) else f"{server}/{query}")
        browser.until(PAINTED, FIRST_S)
        return browser

    yield make
    own = (server, server.replace("http:", "ws:"), "data:", "blob:", "about:")
    for browser in opened:
        assert browser.failures == []
        assert any(url.startswith("ws:") for url in browser.requests), "nothing was listened to"
        assert [url for url in browser.requests if not url.startswith(own)] == []
        browser.close()


def set_lever(browser: Visit, key: str, value: float) -> None:
    """Write a value into the number box of a lever, as a visitor would."""
    box = browser.page.locator(f"[data-lever={key}] > .ts-row > input[type=number]")
    box.fill(str(value))
    box.press("Enter")


def value_of(browser: Visit, key: str) -> str:
    return browser.page.locator(f"#s_{key}").input_value()


def test_a_lever_repaints_and_can_be_undone(visit):
    browser = visit("?lang=en")
    before = browser.run("window.__painted")
    set_lever(browser, "capex_subsidy_share", 0.4)
    browser.until("document.querySelector('.ts-changed').innerText === '1 lever changed'")
    browser.until(f"window.__painted > {before}")
    browser.until("location.search.includes('capex_subsidy_share:0.4:')")
    browser.until("document.querySelector('.ts-status').innerText.startsWith('2 pairs')", 120)
    browser.until("document.querySelector('.ts-numbers .i').innerText.startsWith('[')")  # cards follow the status
    browser.page.get_by_role("button", name="Undo").click()
    browser.until("document.getElementById('s_capex_subsidy_share').value === '0.1'")
    browser.page.get_by_role("button", name="Redo").click()
    browser.until("document.getElementById('s_capex_subsidy_share').value === '0.4'")
    browser.page.get_by_role("button", name="Reset all").click()
    browser.until("document.getElementById('s_capex_subsidy_share').value === '0.1'")
    browser.page.locator(".ts-log summary").click()
    browser.page.locator(".ts-log").get_by_role("button", name="Capital subsidy: 10% → 40%").click()
    browser.until("document.getElementById('s_capex_subsidy_share').value === '0.4'")


def test_a_slider_is_moved_by_mouse_and_by_keys(visit):
    """A press in its middle is half its range, 0 to 0.5; an arrow key is a step of it."""
    browser = visit("?lang=en")
    slider = browser.page.locator("#s_capex_subsidy_share")
    low, high, step = (float(slider.get_attribute(name)) for name in ("min", "max", "step"))
    slider.click()
    browser.until("location.search.includes('capex_subsidy_share')")
    middle = float(value_of(browser, "capex_subsidy_share"))
    assert middle == pytest.approx((low + high) / 2, abs=(high - low) / 20)
    slider.press("ArrowRight")
    browser.until(f"location.search.includes('capex_subsidy_share:{middle + step:g}:')")


def test_a_switch_and_the_years_of_a_schedule(visit):
    """A switch is on or off; what is moved by hand starts and is full in years that the visitor sets."""
    browser = visit("?lang=en&p=none")
    browser.run(UNFOLD)
    switch = browser.page.locator(".ts-switch").first
    key = switch.evaluate("e => e.closest('[data-lever]').dataset.lever")
    assert switch.get_attribute("aria-checked") == "false"
    switch.click()
    browser.until(f"document.getElementById('s_{key}').getAttribute('aria-checked') === 'true'")
    years = browser.page.locator(f"[data-lever={key}] .ts-when input")
    for at, year in ((1, 2031), (0, 2028)):
        years.nth(at).fill(str(year))
        years.nth(at).press("Enter")
        browser.until(f"location.search.includes('{year}')")
    browser.until(f"location.search.includes('{key}:1:2028:2031')")


def test_chinese_first_and_english_at_once(visit):
    browser = visit()
    assert browser.run("document.documentElement.lang") == "zh-CN"
    assert "政策工具" in browser.page.inner_text(".ts-page")
    browser.page.click(".ts-language")
    browser.until("document.documentElement.lang === 'en'")
    browser.until("document.querySelector('.ts-levers h2').innerText === 'Policy levers'")
    assert not browser.run("/[\\u4e00-\\u9fff]/.test(document.querySelector('.ts-levers').innerText)")


def test_a_link_brings_the_levers_and_names_what_it_could_not_read(visit):
    browser = visit("?v=1&p=none&b=none&lang=en&l=capex_subsidy_share:0.25:2026:2028,bogus:1")
    assert value_of(browser, "capex_subsidy_share") == "0.25"
    assert "bogus:1" in browser.page.inner_text(".ts-note")


def test_a_share_link_shows_another_visitor_the_same_picture(visit):
    one = visit("?lang=en&p=ambitious")
    set_lever(one, "capex_subsidy_share", 0.35)
    one.until("location.search.includes('capex_subsidy_share:0.35:')")
    show(one, "files")
    link = one.page.get_by_label("Share link").input_value()
    two = visit(link)
    assert value_of(two, "capex_subsidy_share") == "0.35"
    show(one, "explore")
    cards = "[...document.querySelectorAll('.ts-numbers .ts-card')].map((c) => c.innerText)"
    for browser in (one, two):
        browser.until("document.querySelector('.ts-status').innerText.startsWith('2 pairs')", 120)
        browser.until("document.querySelectorAll('.ts-numbers .ts-card .i').length >= 4")
        browser.until("!document.querySelector('.ts-page .stale')")
    assert one.run(cards) == two.run(cards)


def test_two_visitors_do_not_see_each_other(visit):
    one, two = visit("?lang=en"), visit("?lang=en")
    set_lever(one, "capex_subsidy_share", 0.45)
    one.until("document.querySelector('.ts-changed').innerText === '1 lever changed'")
    assert value_of(two, "capex_subsidy_share") == "0.1"


def show(browser: Visit, page: str) -> None:
    browser.page.click(f".ts-head nav [data-page={page}]")
    browser.until(f"document.querySelector('.ts-head nav .on').dataset.page === '{page}'")


SHOWS = {
    "scoreboard": "document.querySelector('.ts-board .ts-counts')",
    "compare": "document.querySelectorAll('.ts-chart canvas').length >= 1",
    "uncertainty": "document.querySelectorAll('.ts-chart canvas').length >= 2",
    "attribution": "document.querySelector('.ts-job button')",
    "firms": "window.__networkDraws > 0 && document.querySelector('.ts-firm .ts-chain')",
    "lessons": "document.querySelectorAll('.ts-lesson-list article').length >= 6",
    "research": "document.querySelectorAll('.ts-chooser select, .ts-job button').length === 3",
    "assumptions": "document.querySelectorAll('.ts-tall tbody tr').length > 100",
    "files": "(document.querySelector('.ts-yaml') || {innerText: ''}).innerText.includes('format: policy/1')",
    "explore": "document.querySelectorAll('.ts-numbers .ts-card').length >= 8",
}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_page_is_there_and_axe_finds_nothing_serious(visit, language):
    """The strict end of ``visit`` also refuses errors of scripts and anything asked of elsewhere."""
    axe = pytest.importorskip("axe_core_python")
    source = (Path(axe.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
    browser = visit(f"?lang={language}&p=ambitious")
    assert set(SHOWS) == set(PAGES)
    browser.run(source + "; true")
    found = []
    for page, shown in SHOWS.items():
        show(browser, page)
        browser.until(f"!!({shown})")
        assert browser.run("document.querySelectorAll('.ts-broken').length") == 0
        browser.until(TABLES)
        found += browser.run(f"""axe.run('.ts-page', {{resultTypes: ['violations']}}).then((r) => r.violations.filter(
            (v) => ['serious', 'critical'].includes(v.impact)).map((v) => '{page}: ' + v.id + ' ' + v.nodes.map(
            (n) => n.target.join(' ')).slice(0, 3).join(' | ')))""")
    assert found == []


def test_compare_and_rewind(visit):
    browser = visit("?lang=en&p=ambitious")
    browser.page.get_by_role("button", name="Keep").click()
    browser.until("document.querySelector('.ts-head').innerText.includes('1 kept')")
    show(browser, "compare")
    browser.until("document.querySelectorAll('.ts-differences td.num').length > 20")
    browser.until("document.querySelector('.ts-differences thead').innerText.includes('Ambitious')")
    show(browser, "firms")
    browser.until("document.querySelector('.ts-timeline') && document.querySelectorAll('.ts-chart canvas').length >= 3")
    browser.page.locator(".ts-timeline button").first.click()
    assert browser.run("document.querySelector('.ts-timeline output').innerText") == "2020"
    browser.until("document.querySelectorAll('.ts-cursor').length === document.querySelectorAll('.ts-chart').length")


def test_a_report_is_made(visit):
    browser = visit("?lang=en")
    show(browser, "files")
    button = browser.page.locator(".ts-files .ts-main-button").nth(1)
    browser.until("document.querySelector('.ts-files .ts-main-button:not(:disabled)')")
    with browser.page.expect_download() as download:
        button.click()
    report = Path(download.value.path()).read_text(encoding="utf-8")
    assert download.value.suggested_filename.endswith(".html")
    assert report.count("<svg") >= 8
    assert "<!--chart:" not in report


def test_data_are_taken_away_with_what_they_were_made_with(visit):
    browser = visit("?lang=en")
    browser.until("document.querySelector('.ts-status').innerText.startsWith('2 pairs')", 120)
    show(browser, "files")
    with browser.page.expect_download() as download:
        browser.page.locator(".ts-files .v-btn").click()
    lines = Path(download.value.path()).read_text(encoding="utf-8-sig").splitlines()
    settings = [line for line in lines if line.startswith("#")]
    assert any("minimal" in line for line in settings)
    header, rows = lines[len(settings)], lines[len(settings) + 1 :]
    assert "year" in header.split(",")
    assert len(rows) >= 2 * 16  # policy and baseline over the years from 2020 on


def test_a_policy_file_goes_down_and_up_again(visit, tmp_path):
    one, two = visit("?lang=en"), visit("?lang=en&p=none")
    set_lever(one, "capex_subsidy_share", 0.45)
    one.until("location.search.includes('capex_subsidy_share:0.45:')")
    show(one, "files")
    one.page.locator(".ts-yaml", has_text="0.45").wait_for()
    with one.page.expect_download() as download:
        one.page.locator(".ts-files .ts-main-button").last.click()
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    show(two, "files")
    two.page.set_input_files(".ts-file input", path)
    two.until("document.querySelector('.ts-files .ts-good')")
    show(two, "explore")
    two.until("(document.getElementById('s_capex_subsidy_share') || {}).value === '0.45'")


def test_a_bad_file_is_refused_with_its_line(visit):
    browser = visit("?lang=en")
    show(browser, "files")
    content = b"format: policy/1\nlevers:\n  capex_subsidy_share: 9\n"
    browser.page.set_input_files(".ts-file input", {"name": "x.yaml", "mimeType": "text/yaml", "buffer": content})
    browser.until("document.querySelector('.ts-files .ts-error')")
    assert "line 3" in browser.page.inner_text(".ts-files .ts-error")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_narrow_screen_needs_no_sideways_scrolling(visit, language):
    browser = visit(f"?lang={language}", 390, 844)
    for page, shown in SHOWS.items():
        show(browser, page)
        browser.until(f"!!({shown})")
        assert browser.run("document.documentElement.scrollWidth") <= 390, page
        # the page scrolls inside a box of Solara: what reaches out of it would give a second bar
        assert browser.run("document.documentElement.scrollHeight") <= 844, page
        assert browser.run("""[...document.querySelectorAll('.ts-chooser select')].every(
            (s) => s.getBoundingClientRect().right <= 390)"""), f"{page}: a choice is cut off"
        assert browser.run("""(() => { const nav = document.querySelector('.ts-head nav').getBoundingClientRect(),
            on = document.querySelector('.ts-head nav .on').getBoundingClientRect();
            return on.left >= nav.left - 1 && on.right <= nav.right + 1; })()"""), f"{page}: its name is out of sight"


@pytest.mark.parametrize(("language", "lines"), [("en", 3), ("zh", 2)])
def test_the_head_breaks_on_purpose_only(visit, language, lines):
    """On a laptop the pages are one line and the tools another; in English the title has a line of its own."""
    browser = visit(f"?lang={language}")
    for width in (1280, 1366, 1920):
        browser.resize(width, 800)
        one_line = "[...document.querySelectorAll('.ts-head nav, .ts-tools')].every((e) => e.offsetHeight < 45)"
        browser.until(one_line)
        tops = browser.run("""[...new Set([...document.querySelector('.ts-head').children].filter((e) => e.matches(
            '.ts-brand, nav, .ts-tools')).map((e) => { const r = e.getBoundingClientRect();
            return Math.round((r.top + r.bottom) / 20); }))]""")
        assert len(tops) == (lines if width < 1500 else 2), (width, tops)
        assert browser.run("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_projector_cuts_no_card_and_keeps_the_timeline_in_sight(visit, language):
    browser = visit(f"?lang={language}&p=ambitious", 1280, 800)
    show(browser, "firms")
    browser.until("window.__networkDraws > 0")
    assert browser.run("document.querySelector('.ts-timeline').getBoundingClientRect().bottom") <= 800
    browser.page.click(".ts-lang[aria-pressed]")
    browser.until("document.documentElement.classList.contains('ts-projector')")
    high = "document.querySelector('.ts-network').getBoundingClientRect().height"
    browser.until(f"{high} < 800")  # scrolled to, all of it is in sight
    show(browser, "explore")
    browser.until("document.querySelectorAll('.ts-numbers .ts-card .i').length >= 4", 120)
    assert (
        browser.run("""[...document.querySelectorAll('.ts-numbers .ts-card')].filter(
        (c) => c.scrollWidth > c.clientWidth).map((c) => c.innerText)""")
        == []
    )


def test_every_control_has_a_name(visit):
    browser = visit("?lang=en")
    browser.run(UNFOLD)
    place = preset_scenario("minimal", "current").place
    offered = acting_levers().keys() - idle_reasons(place).keys()
    assert 0 < len(offered) < len(acting_levers()), "minimal is no city"
    browser.until(f"document.querySelectorAll('[data-lever]').length === {len(offered)}")
    nameless = browser.run("""[...document.querySelectorAll('.ts-page button, .ts-page input, .ts-page select')].filter(
        (e) =>
        !(e.getAttribute('aria-label') || e.textContent.trim()
        || (e.labels && e.labels.length && e.labels[0].textContent.trim()))).map((e) => e.outerHTML)""")
    assert nameless == []


def test_another_visitor_sees_a_study_run_and_cannot_stop_it(visit):
    """Who started it can, from another page of the same browser too."""
    one, two = visit("?lang=en"), visit("?lang=en")
    start, stop = "document.querySelector('.ts-job .ts-main-button')", "document.querySelector('.ts-job .ts-stop')"
    for browser in (one, two):
        show(browser, "research")
        browser.until(f"!!{start} && !{start}.disabled")
    one.page.click(".ts-job .ts-main-button")
    one.until(f"!!{stop}")
    two.until("document.querySelector('.ts-job').innerText.includes('another visitor started it')")
    assert two.run(f"!{stop} && {start}.disabled")
    show(one, "explore")
    show(one, "research")
    one.until(f"!!{stop}")
    one.page.click(".ts-job .ts-stop")
    two.until(f"!{start}.disabled", 90)
    assert "another visitor" not in two.run("document.querySelector('.ts-job').innerText")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_names_stand_whole_in_the_supply_chain_and_in_the_tooltip(visit, language):
    """A name is in its box, its lines together are the whole of it, and a pointer on the box brings it up."""
    browser = visit(f"?lang={language}")
    show(browser, "firms")
    browser.until("!!document.querySelector('.ts-chain .node')")
    nodes = browser.run("""[...document.querySelectorAll('.ts-chain .node')].map((g) => ({
        title: g.querySelector('title').textContent.trim(), wide: g.querySelector('text').getBBox().width,
        shown: [...g.querySelectorAll('tspan')].map((t) => t.textContent.trim()).join(' ')}))""")
    for node in nodes:
        assert node["shown"] == node["title"].split(" · ")[0], "no name of this place is too long for two lines"
        assert node["wide"] <= 240
    name = browser.run("document.querySelector('.ts-firm h2').innerText")
    assert browser.run("document.querySelector('.ts-chain rect.centre').parentNode.querySelector('title').textContent"
                       ) == name  # fmt: skip


def test_a_study_of_ones_own_is_put_together_run_and_taken_away(visit, tmp_path):
    """The policy on the screen against the baseline, two runs; then its file, its report and its tables."""
    browser = visit("?lang=en")
    show(browser, "research")
    page = browser.page
    builder, start = page.locator(".ts-builder"), page.locator(".ts-job .ts-main-button")
    question = builder.get_by_label("Question")
    question.select_option("lhs")
    builder.get_by_text("The study cannot run as it stands").wait_for()
    assert start.is_disabled()
    builder.get_by_label("Add a lever").select_option("capex_subsidy_share")
    row = page.locator("[data-varied=capex_subsidy_share]")
    row.get_by_role("spinbutton").nth(1).fill("0.4")
    page.keyboard.press("Tab")
    browser.until(FILE_SAYS.format("high: 0.4"))
    row.get_by_role("button").click()
    row.wait_for(state="detached")
    question.select_option("pair")
    show(browser, "explore")
    set_lever(browser, "capex_subsidy_share", 0.35)
    show(browser, "research")
    browser.until(FILE_SAYS.format("id: my_policy"))
    assert question.input_value() == "pair", "what was put together is kept while other pages are looked at"
    page.get_by_label("Seeds").select_option("1")
    browser.until(FILE_SAYS.format("replicates: 1"))
    page.get_by_text("The study as a file").click()
    with page.expect_download() as taken:
        page.get_by_role("button", name="Download my_study.yaml").click()
    file = tmp_path / "my_study.yaml"
    taken.value.save_as(file)
    study = load_study(file)
    assert [c.policy for c in study.contexts] == ["current", "my_policy"]
    assert study.contexts[1].scenario.levers["capex_subsidy_share"].path[-1][1] == 0.35
    browser.until("!document.querySelector('.ts-job .ts-main-button').disabled", 90)
    start.click()
    with page.expect_download(timeout=240_000) as taken:
        page.get_by_role("button", name="All results (ZIP)").click(timeout=240_000)
    with zipfile.ZipFile(taken.value.path()) as kept:
        runs = kept.read("my_study/runs.csv").decode().splitlines()
        assert "My policy" in kept.read("my_study/report_en.html").decode()
    assert len(runs) == 1 + study.n_runs
