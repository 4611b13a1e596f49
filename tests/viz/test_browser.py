"""The page in Chromium: nothing foreign is asked for, a lever repaints, languages, links, two visitors."""

from pathlib import Path

import pytest

from benchmarks.chromium import Browser, find_chromium
from transition_sim.viz.draft import acting_levers, preset_scenario
from transition_sim.viz.lever_panel import idle_reasons
from transition_sim.viz.session import PAGES

pytestmark = pytest.mark.skipif(find_chromium() is None, reason="Chromium is not installed")
PAINTED = "window.__painted > 0 && document.querySelectorAll('.ts-chart canvas').length >= 3"
FIRST_S = 400.0  # the very first run of a version compiles the rules


@pytest.fixture
def visit(server):
    opened = []

    def make(query: str = "", width: int = 1280, height: int = 800) -> Browser:
        browser = Browser(width, height)
        opened.append(browser)
        browser.go(f"{server}/{query}")
        browser.until(PAINTED, FIRST_S)
        return browser

    yield make
    for browser in opened:
        assert browser.failures == []
        assert [u for u in browser.requests if not u.startswith((server, "data:", "blob:", "about:"))] == []
        browser.close()


def set_lever(browser: Browser, key: str, value: float) -> None:
    browser.run(f"""(() => {{ const s = document.getElementById('s_{key}'); s.value = {value};
        s.dispatchEvent(new Event('input')); s.dispatchEvent(new Event('change')); }})()""")


def test_a_lever_repaints_and_can_be_undone(visit):
    browser = visit("?lang=en")
    before = browser.run("window.__painted")
    set_lever(browser, "capex_subsidy_share", 0.4)
    browser.until("document.querySelector('.ts-changed').innerText === '1 lever changed'")
    browser.until(f"window.__painted > {before}")
    browser.until("location.search.includes('capex_subsidy_share:0.4:')")
    browser.until("document.querySelector('.ts-status').innerText.startsWith('2 pairs')", 120)
    browser.until("document.querySelector('.ts-numbers .i').innerText.startsWith('[')")  # cards follow the status
    browser.run("[...document.querySelectorAll('.ts-tools button')][0].click()")
    browser.until("document.getElementById('s_capex_subsidy_share').value === '0.1'")


def test_chinese_first_and_english_at_once(visit):
    browser = visit()
    assert browser.run("document.documentElement.lang") == "zh-CN"
    text = browser.run("document.querySelector('.ts-page').innerText")
    assert "政策工具" in text
    browser.run("document.querySelector('.ts-language').click()")
    browser.until("document.documentElement.lang === 'en'")
    browser.until("document.querySelector('.ts-levers h2').innerText === 'Policy levers'")
    assert not browser.run("/[\\u4e00-\\u9fff]/.test(document.querySelector('.ts-levers').innerText)")


def test_a_link_brings_the_levers_and_names_what_it_could_not_read(visit):
    browser = visit("?v=1&p=none&b=none&lang=en&l=capex_subsidy_share:0.25:2026:2028,bogus:1")
    assert browser.run("document.getElementById('s_capex_subsidy_share').value") == "0.25"
    assert "bogus:1" in browser.run("document.querySelector('.ts-note').innerText")


def test_two_visitors_do_not_see_each_other(visit):
    one, two = visit("?lang=en"), visit("?lang=en")
    set_lever(one, "capex_subsidy_share", 0.45)
    one.until("document.querySelector('.ts-changed').innerText === '1 lever changed'")
    assert two.run("document.getElementById('s_capex_subsidy_share').value") == "0.1"


def show(browser: Browser, page: str) -> None:
    browser.run(f"document.querySelector('.ts-head nav [data-page={page}]').click()")
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


UNFOLD = "document.querySelectorAll('.ts-page details').forEach((d) => { d.open = true; })"
TABLES = f"({UNFOLD}, [...document.querySelectorAll('.ts-chart')].every((c) => c.querySelector('.ts-table table')))"
"""Whether each chart shows its table; those of charts that came late are opened on the way."""


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
    browser.run("[...document.querySelectorAll('.ts-tools button')].find((b) => b.innerText.includes('Keep')).click()")
    browser.until("document.querySelector('.ts-head').innerText.includes('1 kept')")
    show(browser, "compare")
    browser.until("document.querySelectorAll('.ts-differences td.num').length > 20")
    browser.until("document.querySelector('.ts-differences thead').innerText.includes('Ambitious')")
    show(browser, "firms")
    browser.until("document.querySelector('.ts-timeline') && document.querySelectorAll('.ts-chart canvas').length >= 3")
    browser.run("document.querySelector('.ts-timeline button').click()")
    assert browser.run("document.querySelector('.ts-timeline output').innerText") == "2020"
    browser.until("document.querySelectorAll('.ts-cursor').length === document.querySelectorAll('.ts-chart').length")


def test_a_report_is_made_and_a_bad_file_is_refused_with_its_line(visit):
    browser = visit("?lang=en")
    show(browser, "files")
    browser.until("document.querySelector('.ts-files .ts-main-button:not(:disabled)')")
    browser.run("document.querySelectorAll('.ts-files .ts-main-button')[1].click()")
    report = browser.until("window.__report")
    assert report.count("<svg") >= 8
    assert "<!--chart:" not in report
    browser.run("""(() => { const t = new DataTransfer(); t.items.add(new File(
        ['format: policy/1\\nlevers:\\n  capex_subsidy_share: 9\\n'], 'x.yaml')); const i = document.querySelector(
        '.ts-file input'); i.files = t.files; i.dispatchEvent(new Event('change')); })()""")
    assert "line 3" in browser.until("(document.querySelector('.ts-files .ts-error') || {}).innerText")


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
        browser.send("Emulation.setDeviceMetricsOverride", width=width, height=800, deviceScaleFactor=1, mobile=False)
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
    browser.run("document.querySelector('.ts-lang[aria-pressed]').click()")
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
    one.run(f"{start}.click()")
    one.until(f"!!{stop}")
    two.until("document.querySelector('.ts-job').innerText.includes('another visitor started it')")
    assert two.run(f"!{stop} && {start}.disabled")
    show(one, "explore")
    show(one, "research")
    one.until(f"!!{stop}")
    one.run(f"{stop}.click()")
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
