"""Vintages: lives, lists of a slot, commissioning, retirement, and what is written off (SM04)."""

from math import gamma, log

import numpy as np
import pytest

from transition_sim.core.tables import allocate, out_of_bounds
from transition_sim.scenarios import registry
from transition_sim.world.assets import (
    book_value_cny,
    commission_and_retire,
    compact_assets,
    draw_life_quarters,
    draw_lives_quarters,
    main_technology,
    survival_share,
    technology_capacity,
    technology_deployment,
)
from transition_sim.world.state import ACTIVE, ASSETS, FINANCE, NO_DEADLINE, ORDERED, RETIRED, SLOTS

TECHNOLOGIES = registry.technology_ids()
COAL, GAS, PUMP = (TECHNOLOGIES.index(k) for k in ("steam_coal_small", "steam_gas", "steam_heat_pump"))
N_TECHNOLOGIES = len(TECHNOLOGIES)


class Yard:
    """Slots of steam, one an enterprise, with assets put in by hand."""

    def __init__(self, n=1, fixed_assets_cny=1e9):
        self.slots, self.assets, self.finance = allocate(SLOTS, n), allocate(ASSETS, 12), allocate(FINANCE, n)
        self.slots["enterprise"] = np.arange(n)
        self.slots["first_asset"], self.slots["pending_asset"], self.slots["main_technology"] = -1, -1, -1
        self.finance["is_alive"], self.finance["fixed_assets_cny"] = True, fixed_assets_cny
        self.technologies, self.params = registry.technology_table(), registry.parameter_record()
        self.n_assets = 0

    def put(self, technology, capacity, status=ACTIVE, commissioned=0, dies=400, capex_cny=0.0, slot=0, replaces=False):
        row, slots = self.n_assets, self.slots
        asset = self.assets[row]
        asset["slot"], asset["technology"], asset["status"] = slot, technology, status
        asset["commissioned_quarter"], asset["dies_quarter"] = commissioned, dies
        asset["capacity_unit_per_year"], asset["capex_cny"], asset["next_asset"] = capacity, capex_cny, -1
        if status == ACTIVE:
            asset["next_asset"], slots["first_asset"][slot] = slots["first_asset"][slot], row
        else:
            slots["pending_asset"][slot] = row
            asset["next_asset"] = slots["first_asset"][slot] if replaces else -1
        slots["due_quarter"][slot] = 0
        self.n_assets += 1
        return row

    def step(self, quarter):
        return commission_and_retire(self.slots, self.assets, self.finance, self.technologies, self.params, quarter)

    def listed(self, slot=0):
        rows, a = [], self.slots["first_asset"][slot]
        while a >= 0:
            rows.append(int(a))
            a = self.assets["next_asset"][a]
        return rows


def test_sm04_life_is_the_inverse_of_the_survival():
    """u = 1 - e^-1 is the scale: 20/gamma(1.25) = 22.065 yr = 88.26 quarters, nearest 88."""
    assert draw_life_quarters(20.0, 1 - np.exp(-1.0), 4.0) == 88
    assert draw_life_quarters(20.0, 0.5, 4.0) == round(4 * 20.0 / gamma(1.25) * log(2) ** 0.25)
    assert draw_life_quarters(20.0, 0.0, 4.0) == 1


def test_sm04_life_of_what_has_reached_an_age():
    """Beyond 20 yr at scale 22.065: T^4 = 20^4 + 22.065^4 ln 2 -> T = (160000 + 164298)^.25 = 23.863 yr."""
    scale = 20.0 / gamma(1.25)
    years = (20.0**4 + scale**4 * log(2)) ** 0.25
    assert years == pytest.approx(23.863, abs=0.005)
    assert draw_life_quarters(20.0, 0.5, 4.0, 20.0) == round(4 * years)


def test_sm04_life_is_at_least_a_quarter_beyond_the_age():
    assert draw_life_quarters(20.0, 0.0, 4.0, 7.25) == 30
    assert draw_life_quarters(20.0, 0.0, np.inf, 25.0) == 101


def test_sm04_life_of_a_mean_without_end_fits_the_table():
    assert draw_life_quarters(1e12, 0.9, 4.0) == NO_DEADLINE // 2


def test_sm04_conditional_lives_follow_the_survival():
    """Of those alive at 15 yr the share alive at 22 yr is R(22)/R(15)."""
    uniforms = (np.arange(20_000) + 0.5) / 20_000
    lives = draw_lives_quarters(np.full(20_000, 20.0), uniforms, 4.0, 15.0)
    expected = survival_share(22.125, 20.0, 4.0) / survival_share(15.0, 20.0, 4.0)
    assert (lives > 88).mean() == pytest.approx(expected, abs=1e-3)
    assert lives.min() > 60


def test_sm04_book_value_is_a_straight_line():
    """A quarter of the life gone: 75 left of 100; nothing after it."""
    assert book_value_cny(100.0, 5.0, 20.0) == pytest.approx(75.0)
    assert book_value_cny(100.0, 25.0, 20.0) == 0.0


def test_sm04_main_technology_sums_vintages():
    """Gas 60 + 50 beats coal 100; retired coal does not count."""
    yard = Yard()
    for technology, capacity, status in ((GAS, 60, ACTIVE), (COAL, 100, ACTIVE), (GAS, 50, ACTIVE)):
        yard.put(technology, capacity, status)
    first = yard.slots["first_asset"][0]
    assert main_technology(first, yard.assets) == GAS
    assert technology_capacity(first, yard.assets, GAS) == 110.0
    yard.assets["status"][0] = RETIRED
    assert main_technology(first, yard.assets) == COAL
    assert main_technology(-1, yard.assets) == -1


def test_sm04_an_order_arrives_on_its_day_and_adds():
    yard = Yard()
    old = yard.put(COAL, 100.0)
    new = yard.put(PUMP, 40.0, ORDERED, commissioned=5)
    assert yard.step(4)[-2:] == (0, 0)
    assert yard.slots["pending_asset"][0] == new
    assert yard.slots["capacity_unit_per_year"][0] == 100.0
    assert yard.step(5)[-2:] == (1, 0)
    assert yard.listed() == [new, old]
    assert yard.slots["capacity_unit_per_year"][0] == 140.0
    assert yard.slots["main_technology"][0] == COAL
    assert yard.slots["pending_asset"][0] == -1
    assert yard.assets["status"][new] == ACTIVE


def test_sm04_replacement_retires_the_list_and_splits_book_value():
    """100 CNY, 5 of 20 years old: book 75, scrap 5 % of 100 = 5, stranded 70; the other one is past its life: 0."""
    yard = Yard()
    yard.put(COAL, 100.0, commissioned=-20, capex_cny=100.0)
    yard.put(COAL, 50.0, commissioned=-100, capex_cny=80.0)
    new = yard.put(GAS, 150.0, ORDERED, commissioned=0, replaces=True)
    stranded, salvage, *_, n_commissioned, n_retired = yard.step(0)
    assert (stranded[0], salvage[0]) == (pytest.approx(70.0), pytest.approx(5.0))
    assert (n_commissioned, n_retired) == (1, 2)
    assert yard.finance["stranded_cny"][0] == pytest.approx(70.0)
    assert yard.finance["fixed_assets_cny"][0] == pytest.approx(1e9 - 75.0)
    assert yard.listed() == [new]
    assert yard.assets["status"][:2].tolist() == [RETIRED, RETIRED]
    assert yard.assets["dies_quarter"][:2].tolist() == [0, 0]
    assert yard.slots["main_technology"][0] == GAS


def test_sm04_no_more_is_written_off_than_the_books_hold():
    """Book 75 in a pool of 60: scrap 5, stranded 55; in a pool of 3 all of it is scrap."""
    for pool_cny, lost_cny, scrap_cny in ((60.0, 55.0, 5.0), (3.0, 0.0, 3.0)):
        yard = Yard(fixed_assets_cny=pool_cny)
        yard.put(COAL, 100.0, commissioned=-20, capex_cny=100.0)
        yard.put(GAS, 100.0, ORDERED, commissioned=0, replaces=True)
        stranded, salvage, *_ = yard.step(0)
        assert (stranded[0], salvage[0]) == (pytest.approx(lost_cny), pytest.approx(scrap_cny))
        assert yard.finance["fixed_assets_cny"][0] == pytest.approx(0.0, abs=1e-12)


def test_sm04_natural_death_strands_nothing_and_empties_the_slot():
    yard = Yard()
    yard.put(COAL, 100.0, dies=8, capex_cny=100.0)
    assert yard.step(7).n_retired == 0
    stranded, salvage, *_, n_retired = yard.step(8)
    assert (stranded.sum(), salvage.sum(), n_retired) == (0.0, 0.0, 1)
    slot = yard.slots[0]
    assert (slot["first_asset"], slot["main_technology"], slot["capacity_unit_per_year"]) == (-1, -1, 0.0)


def test_sm04_what_dies_in_the_quarter_of_its_replacement_is_not_stranded():
    yard = Yard()
    yard.put(COAL, 100.0, dies=8, capex_cny=100.0)
    new = yard.put(GAS, 100.0, ORDERED, commissioned=8, replaces=True)
    stranded, *_, n_commissioned, n_retired = yard.step(8)
    assert stranded[0] == 0.0
    assert (n_commissioned, n_retired) == (1, 1)
    assert yard.listed() == [new]


def test_sm04_a_replacement_of_what_has_died_meanwhile_arrives_alone():
    yard = Yard()
    yard.put(COAL, 100.0, dies=4)
    new = yard.put(GAS, 100.0, ORDERED, commissioned=8, replaces=True)
    yard.step(4)
    yard.step(8)
    assert yard.listed() == [new]
    assert yard.assets["next_asset"][new] == -1


@pytest.mark.parametrize("dead", [0, 1, 2])
def test_sm04_a_vintage_leaves_any_place_of_the_list(dead):
    yard = Yard()
    rows = [yard.put(GAS, 10.0 * (k + 1)) for k in range(3)]
    yard.assets["dies_quarter"][rows[dead]] = 3
    yard.step(3)
    assert yard.listed() == [r for r in reversed(rows) if r != rows[dead]]
    assert yard.slots["capacity_unit_per_year"][0] == 60.0 - 10.0 * (dead + 1)


def test_sm04_out_of_business_retires_equipment_and_cancels_orders():
    """The neighbour is untouched; nobody is left to write anything off for."""
    yard = Yard(n=2)
    yard.put(COAL, 100.0, capex_cny=100.0)
    order = yard.put(GAS, 100.0, ORDERED, commissioned=6, replaces=True)
    other = yard.put(COAL, 70.0, slot=1)
    yard.finance["is_alive"][0] = False
    stranded, *_, n_commissioned, n_retired = yard.step(6)
    assert (n_commissioned, n_retired, stranded.sum()) == (0, 1, 0.0)
    assert yard.assets["status"][order] == RETIRED
    assert yard.slots["pending_asset"].tolist() == [-1, -1]
    assert yard.listed(0) == []
    assert yard.listed(1) == [other]


def test_sm17_deployment_counts_what_works_and_additions_what_is_new():
    yard = Yard()
    yard.put(COAL, 100.0)
    yard.put(GAS, 30.0, ORDERED, commissioned=5)
    assert technology_deployment(yard.assets, yard.n_assets, N_TECHNOLOGIES)[[COAL, GAS]].tolist() == [100.0, 0.0]
    assert yard.step(5).added_unit_per_year[[COAL, GAS]].tolist() == [0.0, 30.0]
    assert technology_deployment(yard.assets, yard.n_assets, N_TECHNOLOGIES)[[COAL, GAS]].tolist() == [100.0, 30.0]
    assert yard.step(6).added_unit_per_year.sum() == 0.0


def test_b14_tables_stay_within_bounds_over_a_life():
    """Orders, deaths and replacements over 120 quarters leave every column within its bounds and the list sound."""
    yard, rng = Yard(n=2, fixed_assets_cny=500.0), np.random.default_rng(5)
    for slot in (0, 1):
        yard.put(COAL, 100.0, commissioned=-30, dies=20, capex_cny=300.0, slot=slot)
    for quarter in range(120):
        for slot in (0, 1):
            if quarter % 30 == 10 and yard.n_assets < 12:
                lag, life = rng.integers(1, 4), rng.integers(5, 60)
                yard.put(GAS, 50.0, ORDERED, quarter + lag, quarter + lag + life, 200.0, slot, replaces=bool(slot))
        yard.step(quarter)
        for fields, table in ((SLOTS, yard.slots), (ASSETS, yard.assets), (FINANCE, yard.finance)):
            assert out_of_bounds(fields, table) == []
        for slot in (0, 1):
            listed = yard.listed(slot)
            assert (yard.assets["status"][listed] == ACTIVE).all()
            active = (yard.assets["status"][: yard.n_assets] == ACTIVE) & (yard.assets["slot"][: yard.n_assets] == slot)
            assert sorted(listed) == np.flatnonzero(active).tolist()


def test_sm04_compaction_puts_the_equipment_of_a_slot_together():
    """Slot 0 holds rows 2 -> 0, slot 1 row 1, with an order in row 3: they come out as 0, 1, 2, and the order as 3."""
    assets, slots = allocate(ASSETS, 4), allocate(SLOTS, 2)
    assets["status"][:4] = [ACTIVE, ACTIVE, ACTIVE, ORDERED]
    assets["next_asset"][:4] = [-1, -1, 0, 1]
    assets["capex_cny"][:4] = [10.0, 11.0, 12.0, 13.0]
    slots["first_asset"], slots["pending_asset"] = [2, 1], [-1, 3]
    assert compact_assets(assets, 4, slots) == 4
    assert assets["capex_cny"].tolist() == [12.0, 10.0, 11.0, 13.0]
    assert assets["next_asset"].tolist() == [1, -1, -1, 3]
    assert (slots["first_asset"].tolist(), slots["pending_asset"].tolist()) == ([0, 2], [-1, 3])


def test_sm04_compaction_drops_the_retired_and_renumbers_lists():
    """Rows 0 retired, 1 active -> 3, 2 retired, 3 active, 4 ordered over a dead list: left 1, 3, 4 as 0, 1, 2."""
    assets, slots = allocate(ASSETS, 6), allocate(SLOTS, 2)
    assets["status"][:5] = [RETIRED, ACTIVE, RETIRED, ACTIVE, ORDERED]
    assets["next_asset"][:5] = [-1, 3, -1, -1, 2]
    assets["capex_cny"][:5] = [10.0, 11.0, 12.0, 13.0, 14.0]
    slots["first_asset"], slots["pending_asset"] = [1, -1], [-1, 4]
    assert compact_assets(assets, 5, slots) == 3
    assert assets["capex_cny"][:3].tolist() == [11.0, 13.0, 14.0]
    assert assets["next_asset"][:3].tolist() == [1, -1, 2]
    assert slots["first_asset"].tolist() == [0, -1]
    assert slots["pending_asset"].tolist() == [-1, 2]
