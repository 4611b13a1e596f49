"""By-product links: who is within reach, what flows, who pays, how links come and go (SM18)."""

import numpy as np
import pytest

import transition_sim as ts
from transition_sim.build import build_world
from transition_sim.core.errors import ScenarioError
from transition_sim.core.tables import allocate
from transition_sim.scenarios import by_products as table
from transition_sim.scenarios import registry
from transition_sim.scenarios.table_reader import package_data
from transition_sim.world.state import ASSETS, FINANCE, FLOWS, PRODUCTION, SLOTS
from transition_sim.world.symbiosis import exchange, links
from transition_sim.world.symbiosis.pairs import CLINKER, END, GIVES, MATERIAL, PAIR, PRODUCT, STEAM

N = 3
"""Enterprises of the hand-made place; end ``who`` 3 is a power plant."""


class Yard:
    """Giver 0, taker 1 at 2 km, one by-product that costs 40 to dump, 1 a km, 8 to treat, and saves 30 of input."""

    def __init__(self, effect: int = MATERIAL, is_solid: bool = True):
        self.products = np.zeros(1, PRODUCT)
        self.products[0] = (40.0, 1.0, 8.0, 5.0, 100.0, 10.0, 50.0, is_solid)
        self.ends = np.zeros(2, END)
        for end, who, kind, amount in ((0, 0, GIVES, 0.2), (1, 1, effect, 0.5)):
            row = self.ends[end]
            row["who"], row["slot"], row["host"], row["rival"], row["effect"] = who, -1, -1, -1, kind
            row["amount_per_unit"], row["free_share"] = amount, 1.0
        self.ends["free_share"][0], self.ends["input_cny"][1] = 0.8, 30.0
        self.pairs = np.zeros(1, PAIR)
        self.pairs["taker"], self.pairs["distance_km"] = 1, 2.0
        self.production, self.finance = allocate(PRODUCTION, N), allocate(FINANCE, N)
        self.production["output_cny"] = (1000.0, 600.0, 0.0)
        self.finance["is_alive"] = True
        self.flows, self.slots, self.assets = allocate(FLOWS, N), allocate(SLOTS, 1), allocate(ASSETS, 1)
        self.slots["first_asset"] = -1
        self.hosts, self.kept = np.zeros(0, np.int64), np.zeros(0)
        if effect in (STEAM, CLINKER):
            self.ends["slot"][1], self.ends["host"][1] = 0, 0
            self.hosts, self.kept = np.zeros(1, np.int64), np.ones(1)
            self.slots["unit_per_cny"], self.slots["smoothed_cost_cny_per_unit"] = 0.5, 90.0
        self.sums, self.amounts = np.zeros(8), np.zeros((1, 2))
        self.linked = np.zeros(0, np.int64)
        self.earned = np.zeros(N + 1)

    def link(self, capacity_per_year: float, annuity: float = 0.0) -> None:
        self.pairs["is_linked"], self.pairs["capacity_unit_per_year"] = True, capacity_per_year
        self.pairs["annuity_cny_per_year"] = annuity
        self.ends["promised_unit"] = capacity_per_year
        self.linked = np.zeros(1, np.int64)

    def quarter(self, charge: float = 0.0, saved_share: float = 0.0, plant_mwh: float = 0.0) -> None:
        self.flows["symbiosis_cny"] = 0.0
        exchange.flow_over_links(
            self.linked, self.pairs, self.ends, self.products, self.hosts, self.kept, np.ones(self.hosts.size),
            self.slots, self.assets, registry.technology_table(), np.zeros(9), 0.535, self.production, self.finance,
            self.flows, np.array([plant_mwh]), True, charge, saved_share, self.sums, self.amounts,
        )  # fmt: skip

    def form(self, uniform: float, reached: float = 1.0, platforms: float = 0.0, charge: float = 0.0) -> int:
        self.ends["year_unit"] = (640.0, 1200.0)
        return links.form_links(
            self.pairs, self.ends, self.products, np.array([0.1]), self.slots, self.finance, self.earned, 0.3,
            0.15 * platforms, 0.3 * platforms, reached, 0.5, charge, 7, np.array([uniform]), np.zeros(1, np.int64),
        )  # fmt: skip


def test_a_flow_is_the_least_of_capacity_offer_and_need():
    """Giver: 1000 x .2 x .8 free = 160 (200 made, 40 in use already); taker: 600 x .5 = 300."""
    yard = Yard()
    for capacity, flow in ((400.0, 100.0), (4000.0, 160.0)):
        yard.link(capacity)
        yard.quarter()
        assert yard.pairs["flow_unit"][0] == pytest.approx(flow)
        assert yard.amounts[0] == pytest.approx([200.0, 40.0 + flow])
    yard.production["output_cny"][1] = 80.0  # the taker needs 40
    yard.quarter()
    assert yard.pairs["flow_unit"][0] == pytest.approx(40.0)


def test_the_net_benefit_is_split_in_halves():
    """A unit saves 40 + 30 and costs 2 x 1 + 8: 60 net, 6000 for 100, less 80 / 4 of the annuity; half is 2990 each."""
    yard = Yard()
    yard.link(400.0, annuity=80.0)
    yard.quarter()
    assert yard.flows["symbiosis_cny"] == pytest.approx([-2990.0, -2990.0, 0.0])
    assert yard.sums[exchange.NET_FIRMS_CNY] == pytest.approx(-5980.0)
    yard.quarter(saved_share=0.5)  # shared platforms halve the annuity: 10 instead of 20
    assert yard.flows["symbiosis_cny"][:2] == pytest.approx([-2995.0, -2995.0])


def test_the_charge_is_paid_on_what_is_left_and_shared_as_a_saving():
    """160 - 100 = 60 left at 25: 1500. The charge saved on 100 is benefit: half of 8500; the giver has 2500 of it."""
    yard = Yard()
    yard.link(400.0)
    yard.quarter(charge=25.0)
    assert yard.flows["symbiosis_cny"][:2] == pytest.approx([-(4250.0 - 2500.0) + 1500.0, -4250.0])
    assert yard.sums[exchange.CHARGE_FIRMS_CNY] == pytest.approx(1500.0)
    # the sums that the ledger gets are what enterprises booked
    booked = yard.sums[exchange.NET_FIRMS_CNY] + yard.sums[exchange.CHARGE_FIRMS_CNY]
    assert yard.flows["symbiosis_cny"].sum() == pytest.approx(booked)


def test_a_plant_gives_by_its_generation_and_its_part_is_the_utility_s():
    """.2 t/MWh x 500 MWh x .8 free = 80 t; net 60 x 80 = 4800, half to each."""
    yard = Yard()
    yard.ends["who"][0] = N
    yard.link(4000.0)
    yard.quarter(plant_mwh=500.0)
    assert yard.flows["symbiosis_cny"] == pytest.approx([0.0, -2400.0, 0.0])
    assert yard.sums[exchange.NET_PLANTS_CNY] == pytest.approx(-2400.0)


@pytest.mark.parametrize("effect", [STEAM, CLINKER])
def test_a_link_relieves_the_equipment_of_the_taker_and_is_paid_for_by_what_it_saves(effect):
    """Whole service .5 x 600 = 300, of which half, 150, can be taken; 100 flow: own equipment gives two thirds.

    A unit saves 40 + 30 + 90 and costs 10: 150 net. The taker keeps 90 x 100 on its bills and pays 9000 - 7500 back.
    """
    yard = Yard(effect, is_solid=False)
    yard.link(400.0)
    yard.quarter()
    assert yard.slots["unit_per_cny"][0] == pytest.approx(0.5 * 2 / 3)
    assert yard.flows["symbiosis_cny"][:2] == pytest.approx([-7500.0, 1500.0])
    yard.quarter()  # the need is that of the whole service, not of what is left of it
    assert yard.ends["quarter_unit"][1] == pytest.approx(150.0)
    assert yard.slots["unit_per_cny"][0] == pytest.approx(0.5 * 2 / 3)
    yard.finance["is_alive"][0] = False
    yard.quarter()  # without its neighbour the boiler gives all again
    assert yard.slots["unit_per_cny"][0] == pytest.approx(0.5)


def test_who_blends_already_takes_nothing_in_place_of_clinker():
    yard = Yard(CLINKER, is_solid=False)
    yard.ends["rival"][1] = 0
    yard.link(400.0)
    yard.quarter()
    assert yard.pairs["flow_unit"][0] == pytest.approx(100.0)
    yard.slots["capacity_unit_per_year"] = 1.0
    yard.quarter()
    assert yard.pairs["flow_unit"][0] == 0.0
    assert yard.slots["unit_per_cny"][0] == pytest.approx(0.5)


# --- links ----------------------------------------------------------------------------------------------------------


def test_sm18_probability_of_a_link():
    """1 - exp(-.5 x .8 x .45) = .164730; nothing without gain, trust or programme."""
    assert links.link_probability(0.5, 0.8, 0.45, 1.0) == pytest.approx(1.0 - np.exp(-0.18), rel=1e-12)
    assert links.link_probability(0.5, 0.8, 0.45, 1.0) == pytest.approx(0.164730, abs=5e-7)
    assert links.link_probability(0.5, -0.1, 0.45, 1.0) == 0.0
    assert links.link_probability(0.5, 0.8, 0.0, 1.0) == 0.0
    assert links.link_probability(0.5, 0.8, 0.45, 0.0) == 0.0


def test_l41_and_l42_reach_pairs_together():
    assert links.programme_share(0.0, 0.0) == 0.0
    assert links.programme_share(0.5, 0.5) == pytest.approx(0.75)
    assert links.programme_share(1.0, 0.2) == 1.0


def test_platforms_and_success_make_trust():
    """.3 + .15 = .45 with platforms everywhere; partners who earned .1 and .3 add .2; never above 1."""
    assert links.pair_trust(0.3, 0.15, 0.0, 0.0) == pytest.approx(0.45)
    assert links.pair_trust(0.3, 0.15, 0.1, 0.3) == pytest.approx(0.65)
    assert links.pair_trust(0.9, 0.15, 0.3, 0.3) == 1.0


def test_a_pair_agrees_when_the_draw_falls_below_the_probability():
    """640 t: annuity .1 x (5 x 640 + 100 x 2) = 340; (70 - 10 - 340 / 640) / 70 = .849554; x .5 x .3 -> P = .11965."""
    share = (70.0 - 10.0 - 340.0 / 640.0) / 70.0
    probability = 1.0 - np.exp(-0.5 * 0.3 * share)
    assert probability == pytest.approx(0.11965, abs=5e-6)
    yard = Yard()
    assert yard.form(probability + 1e-6) == 0
    assert yard.form(probability - 1e-6) == 1
    assert yard.pairs["capacity_unit_per_year"][0] == pytest.approx(640.0)
    assert yard.pairs["annuity_cny_per_year"][0] == pytest.approx(340.0)
    assert yard.pairs["since_quarter"][0] == 7
    assert yard.form(0.0) == 0  # linked already


def test_platforms_and_the_charge_bring_links_that_would_not_come():
    """P is .11965 without, .17441 with platforms (trust .45, annuity x .7), .12486 with a charge of 25."""
    assert Yard().form(0.15, platforms=1.0) == 1
    assert Yard().form(0.15) == 0
    assert Yard().form(0.123, charge=25.0) == 1
    assert Yard().form(0.123) == 0


def test_small_amounts_and_closed_partners_make_no_contract():
    yard = Yard()
    yard.products["smallest_unit_per_year"] = 700.0
    assert yard.form(0.0) == 0
    yard = Yard()
    yard.finance["is_alive"][1] = False
    assert yard.form(0.0) == 0


def test_a_link_breaks_when_a_partner_closes_and_the_other_trusts_less():
    yard = Yard()
    yard.link(400.0)
    yard.earned[:] = 0.25
    happened = np.zeros(1, np.int64)
    assert links.break_links(yard.linked, yard.pairs, yard.ends, yard.finance, yard.earned, 0.1, happened) == 0
    yard.finance["is_alive"][1] = False
    assert links.break_links(yard.linked, yard.pairs, yard.ends, yard.finance, yard.earned, 0.1, happened) == 1
    assert not yard.pairs["is_linked"][0]
    assert yard.earned == pytest.approx([0.15, 0.25, 0.25, 0.25])
    assert yard.ends["promised_unit"] == pytest.approx([0.0, 0.0])


def test_a_link_ends_when_it_no_longer_pays_to_run():
    yard = Yard()
    yard.link(400.0)
    happened = np.zeros(1, np.int64)
    assert links.end_links(yard.linked, yard.pairs, yard.ends, yard.products, yard.slots, 0.0, happened) == 0
    yard.products["treatment_cny"] = 69.0  # 2 + 69 > 40 + 30
    assert links.end_links(yard.linked, yard.pairs, yard.ends, yard.products, yard.slots, 0.0, happened) == 1


def test_trust_is_earned_by_flow_up_to_its_highest():
    yard = Yard()
    yard.link(400.0)
    yard.quarter()
    for expected in (0.2, 0.3, 0.3):
        links.earn_trust(yard.linked, yard.pairs, yard.ends, yard.earned, 0.2, 0.3, np.zeros(N + 1, bool))
        assert yard.earned == pytest.approx([expected, expected, 0.0, 0.0])


def test_recyclables_near_what_programme_and_price_call_for():
    """.55 + .35 x (.7 - .55) = .6025 at half a programme; a price of 1.1 calls for .55 x 1.1 = .605."""
    assert links.next_collected_share(0.55, 0.5, 1.0, 0.55, 0.85, 0.35, 0.3) == pytest.approx(0.6025)
    assert links.next_collected_share(0.55, 0.0, 1.0, 0.55, 0.85, 0.35, 0.3) == 0.55
    assert links.next_collected_share(0.55, 0.0, 1.1, 0.55, 0.85, 1.0, 1.0) == pytest.approx(0.605)


def test_the_annuity_of_a_yuan():
    """20 years at 8 %: .101852; CRF of A09, 10 years at 15 %: .199252."""
    assert links.recovery_share(0.08, np.array([20.0])) == pytest.approx([0.101852], abs=5e-7)
    assert links.recovery_share(0.15, np.array([10.0])) == pytest.approx([0.199252], abs=5e-7)


# --- pairs of a place -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def city():
    return build_world(ts.load_scenario("guangan_city")).symbiosis


def test_sm18_heat_goes_5_km_and_solids_80(city):
    products = list(table.by_products())
    of = city.ends["product"][city.pairs["giver"]]
    assert (city.ends["product"][city.pairs["taker"]] == of).all()
    far = {name: city.pairs["distance_km"][of == k].max() for k, name in enumerate(products)}
    assert far["heat"] <= 5.0
    assert max(far["coal_ash"], far["gypsum"], far["slag"]) <= 80.0
    assert max(far["coal_ash"], far["slag"]) > 5.0
    assert (city.ends["who"][city.pairs["giver"]] != city.ends["who"][city.pairs["taker"]]).all()


def test_sm18_ash_and_slag_take_clinker_down_to_a_factor_of_060():
    """.08 + .0376 = .1176 = 1 - .60 / .68, as the low-clinker cement of the technologies."""
    rows = [r for r in table.by_product_flows() if r.effect == "clinker"]
    assert sum(r.amount_per_unit for r in rows) == pytest.approx(1.0 - 0.60 / 0.68, abs=1e-4)


def test_the_city_makes_about_two_million_tonnes_of_solid_waste():
    """8 TWh of coal power: 1.2 Mt ash, .44 Mt gypsum; slag 6 bn x .4 + 8 bn x .25 t per 10k CNY = .44 Mt."""
    run = ts.run(ts.load_scenario("guangan_city", end_year=2020), keep_agents=False, keep_decisions=False)
    assert run.annual["solid_waste_t"][2020] == pytest.approx(2.08e6, rel=0.08)


def test_a_row_that_names_nobody_is_refused(tmp_path):
    for name in ("by_products", "sectors", "services"):
        source = package_data() / f"{name}.csv"
        (tmp_path / f"{name}.csv").write_bytes(source.read_bytes())
    head = "by_product,side,who,per,amount_per_unit,effect,input_cny_per_unit,grade,source,confidence\n"
    rows = 'heat,gives,XYZ,output,1,none,0,A,"a",low\nheat,takes,BLD,output,1,steam,0,A,"a",low\n'
    (tmp_path / "by_product_flows.csv").write_text(head + rows)
    with pytest.raises(ScenarioError) as refused:
        table.by_product_flows(tmp_path)
    assert "XYZ" in str(refused.value)
    assert "this effect is that of the service STEAM" in str(refused.value)
