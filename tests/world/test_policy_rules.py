"""Tax credits, days of kilns, access and phase-out, by hand (SM10, SM11; L05, L11-L13, L16, L18, L57)."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from transition_sim.core.tables import allocate
from transition_sim.scenarios import registry
from transition_sim.scenarios.rows import NOT_FOR_SALE
from transition_sim.world.accounting.settlement import profit_tax_after_credit
from transition_sim.world.policy import access, phase_out, production_days, tax_credits
from transition_sim.world.state import ACTIVE, ASSETS, NO_DEADLINE, PRODUCTION, RETIRED, SLOTS

SERVICES = list(registry.service_ids())
TECHNOLOGIES = list(registry.technology_ids())
TABLE = registry.technology_table()
CLINKER = SERVICES.index("CLINKER")


def test_l05_credits_age_and_lapse():
    credits = np.zeros((2, 5))
    credits[1, 0] = 30.0 + 10.0
    for _ in range(4):
        assert tax_credits.age_credits(credits) == 0.0
    assert credits.tolist() == [[0.0] * 5, [0.0, 0.0, 0.0, 0.0, 40.0]]
    assert tax_credits.age_credits(credits) == 40.0
    assert not credits.any()


def test_l05_the_oldest_credit_is_used_first():
    credits = np.zeros((1, 5))
    credits[0, 0] = 20.0
    tax_credits.age_credits(credits)
    credits[0, 0] += 50.0
    assert profit_tax_after_credit(120.0, 0.25, credits[0]) == (0.0, 30.0)  # 30 due: 20 old, 10 new
    assert credits[0].tolist() == [40.0, 0.0, 0.0, 0.0, 0.0]


def test_l11_days_of_150_off_peak():
    days = production_days.stop_days_by_quarter(150.0, 16.0, 0.0, 365.0)
    assert days == pytest.approx([71.5, 19.0, 34.0, 41.5])  # 4 + 150 x (0.45, 0.10, 0.20, 0.25)
    assert production_days.available_share(150.0, 16.0, 0.0, 0, 365.0) == pytest.approx(1 - 71.5 / 91.25)


def test_l11_what_does_not_fit_spills_over():
    # 240 days: 108 in the first quarter, 91.25 fit; 16.75 go to the others as 0.10 : 0.20 : 0.25
    days = production_days.stop_days_by_quarter(240.0, 0.0, 0.0, 365.0)
    spill = 16.75 / 0.55
    assert days == pytest.approx([91.25, 24 + 0.10 * spill, 48 + 0.20 * spill, 60 + 0.25 * spill])
    assert days.sum() == pytest.approx(240.0)


def test_l11_neutral_leaves_maintenance_only():
    shares = [production_days.available_share(0.0, 15.0, 20.0, q, 365.0) for q in range(4)]
    assert shares == pytest.approx([350.0 / 365.0] * 4)


@given(st.floats(0, 240), st.floats(0, 120), st.floats(0, 40))
def test_l11_the_year_is_exact(offpeak, maintenance, exempt):
    shares = [production_days.available_share(offpeak, maintenance, exempt, q, 365.0) for q in range(4)]
    stops = max(0.0, offpeak - exempt) + maintenance
    assert np.mean(shares) == pytest.approx(1 - stops / 365.0, abs=1e-12)
    assert min(shares) >= 0.0
    assert max(shares) <= 1.0


def test_l11_bad_days_are_refused():
    with pytest.raises(ValueError, match="more days than the year"):
        production_days.available_share(360.0, 10.0, 0.0, 0, 365.0)
    with pytest.raises(ValueError, match="negative"):
        production_days.available_share(-1.0, 10.0, 0.0, 0, 365.0)


def test_l11_shares_are_written_for_kilns_only():
    production = allocate(PRODUCTION, 3)
    has_kiln, is_exempt = np.array([True, True, False]), np.array([False, True, True])
    production_days.write_available_share(production, has_kiln, is_exempt, 100.0, 0.0, 20.0, 1, 365.0)
    # second quarter: 0.10 x 100 and 0.10 x 80 days of 91.25
    assert production["available_share"] == pytest.approx([1 - 10 / 91.25, 1 - 8 / 91.25, 1.0])


def review(strictness, **changes):
    case = {
        "is_reviewed": np.ones(4, bool),
        "specific_kgce_per_unit": np.array([100.0, 101.0, 99.0, 99.0]),
        "benchmark_kgce_per_unit": np.full(4, 100.0),
        "utilisation_share": np.array([0.9, 0.9, 0.79, 0.79]),
        "net_addition_unit_per_year": np.array([5.0, 5.0, 5.0, -5.0]),
    } | changes
    return access.approve(
        case["is_reviewed"], case["specific_kgce_per_unit"], case["benchmark_kgce_per_unit"], strictness,
        case["utilisation_share"], 0.8, case["net_addition_unit_per_year"],
    ).tolist()  # fmt: skip


def test_l13_review_by_energy_and_saturation():
    assert review(1.0) == [True, False, False, True]
    assert review(1.01) == [True, True, False, True]
    assert review(0.8) == [False, False, False, False]


def test_l13_neutral_other_sectors_and_missing_benchmarks():
    assert review(2.0) == [True] * 4
    assert review(0.8, is_reviewed=np.array([False, True, False, True])) == [True, False, True, False]
    assert review(0.8, benchmark_kgce_per_unit=np.zeros(4)) == [True, True, False, True]


def test_l10_permit_mask():
    slots = allocate(SLOTS, 4)
    slots["service"] = [CLINKER, CLINKER, CLINKER, SERVICES.index("STEAM")]
    slots["enterprise"] = [0, 1, 2, 2]
    permitted, retired = np.array([100.0, 0.0, 0.0]), np.array([0.0, 50.0, 0.0])
    may = np.ones(4, bool)
    access.may_have_permit(np.arange(3), slots, permitted, retired, True, may)
    assert may.tolist() == [True, True, False, True]
    access.may_have_permit(np.arange(3), slots, permitted, retired, False, may)
    assert may.tolist() == [True] * 4


class Works:
    """One enterprise: slots as (service, host, [(technology, capacity)]), equipment at its catalogue values."""

    def __init__(self, *rows):
        self.slots, self.assets, n = allocate(SLOTS, len(rows)), allocate(ASSETS, 12), 0
        self.slots["deadline_quarter"], self.slots["first_asset"] = NO_DEADLINE, -1
        self.start = np.array([0, len(rows)])
        for s, (service, host, pieces) in enumerate(rows):
            self.slots["service"][s], self.slots["host"][s] = SERVICES.index(service), host
            for technology, capacity in pieces:
                k = TECHNOLOGIES.index(technology)
                asset = self.assets[n]
                asset["technology"], asset["status"], asset["capacity_unit_per_year"] = k, ACTIVE, capacity
                asset["next_asset"] = self.slots["first_asset"][s]
                self.slots["first_asset"][s] = n
                self.slots["capacity_unit_per_year"][s] += capacity
                n += 1
        self.rows = phase_out.rows_with_rules(self.slots, TABLE, CLINKER)

    def tell(self, limit=117.0, boiler=35.0, quarter=10):
        return phase_out.write_deadlines(
            self.rows, self.slots, self.start, self.assets, TABLE, CLINKER, limit, boiler, 8.0, quarter
        )

    def classes(self, limit=117.0, boiler=35.0, quarter=10, is_two_high=True):
        restricted, eliminated, excess = np.ones(1, bool), np.ones(1, bool), np.full(1, 9.0)
        phase_out.write_tariff_classes(
            self.rows, self.slots, self.start, self.assets, TABLE, np.array([is_two_high]), CLINKER, limit, boiler,
            quarter, restricted, eliminated, excess,
        )  # fmt: skip
        return bool(restricted[0]), bool(eliminated[0]), float(excess[0])


def test_l12_energy_counts_electricity():
    # level 3 of GB 16780-2021: 109 kgce of fuel and 61 kWh x 0.1229 = 7.5 kgce: 116.5, the limit rounds it to 117
    energy = phase_out.specific_energy_kgce_per_t(109 * 0.0293076, 61 * 0.0036)
    assert energy == pytest.approx(116.5, abs=0.05)


def test_l12_old_kilns_are_told_once_and_average_ones_are_not():
    # old: 118 + 68 x 0.1228 = 126.4; average: 108 + 60 x 0.1228 = 115.4; limit 117
    works = Works(("CLINKER", -1, [("nsp_old", 1.0)]), ("CLINKER", -1, [("nsp_5000", 1.0)]))
    assert works.tell() == 1
    assert works.slots["deadline_quarter"].tolist() == [18, NO_DEADLINE]
    assert works.tell(quarter=11) == 0
    assert works.slots["deadline_quarter"][0] == 18


def test_l12_neutral_limit_binds_no_kiln():
    works = Works(("CLINKER", -1, [("nsp_old", 1.0)]))
    # 126.4 kgce: above 117, and below what would be no limit
    assert works.tell(limit=140.0) == 0
    assert works.classes(limit=140.0) == (True, False, 0.0)  # an old type, but no limit to exceed


def test_l12_deadline_is_lifted_when_the_kiln_is_gone():
    works = Works(("CLINKER", -1, [("nsp_5000", 1.0), ("nsp_old", 1.0)]))
    assert works.tell() == 1  # one of its kilns is enough
    works.assets["status"][1] = RETIRED
    assert works.tell(quarter=12) == 0
    assert works.slots["deadline_quarter"][0] == NO_DEADLINE


def test_l12_a_retrofit_lifts_the_deadline():
    works = Works(("CLINKER", -1, [("nsp_old", 100.0)]), ("CLK_WHR", 0, [("clk_whr", 100.0)]))
    kgce = 0.108 / 29.3076 * 1000  # own power 0.108 GJ/t = 3.69 kgce/t
    highest, mean = phase_out.kiln_energy_kgce_per_t(0, 0, 2, works.slots, works.assets, TABLE)
    assert (highest, mean) == pytest.approx(((3.4583 + 0.2448) / 29.3076 * 1000 - kgce,) * 2)
    assert works.tell(limit=124.0) == 0  # 126.4 - 3.7 = 122.7
    works.assets["capacity_unit_per_year"][1] = 50.0  # half covered: 124.5
    assert works.tell(limit=124.0) == 1


def test_l57_small_coal_boilers():
    rows = ("STEAM", -1, [("steam_coal_small", 1.0)]), ("STEAM", -1, [("steam_coal_cfb", 1.0)])
    works = Works(*rows)
    assert works.tell(boiler=34.0) == 0
    assert works.tell() == 1
    assert works.slots["deadline_quarter"].tolist() == [18, NO_DEADLINE]
    assert works.tell(boiler=0.0, quarter=12) == 0  # the rule is withdrawn
    assert works.slots["deadline_quarter"][0] == NO_DEADLINE


def test_l16_l18_classes_of_kilns():
    works = Works(("CLINKER", -1, [("nsp_old", 1.0), ("nsp_5000", 3.0)]))
    works.tell()
    # mean of 3.4583 + 0.2448 once and 3.16522 + 0.216 three times: 3.46169 GJ/t / 0.0293076 = 118.116 kgce/t
    restricted, eliminated, excess = works.classes()
    assert (restricted, eliminated) == (True, True)
    assert excess == pytest.approx(118.116 / 117 - 1, abs=1e-5)
    assert works.classes(is_two_high=False)[:2] == (False, False)
    assert Works(("CLINKER", -1, [("nsp_5000", 1.0)])).classes() == (False, False, 0.0)


def test_l16_boilers_are_restricted_until_their_deadline():
    works = Works(("STEAM", -1, [("steam_coal_small", 1.0)]))
    works.tell(quarter=10)
    assert works.classes(quarter=17) == (True, False, 0.0)
    assert works.classes(quarter=18) == (True, True, 0.0)
    assert works.classes(quarter=18, boiler=0.0) == (False, False, 0.0)


def test_l13_kilns_that_fail_the_review_are_not_for_sale():
    """1 GJ is 34.12 kgce: a kiln of 3 GJ/t takes 102 kgce, above a benchmark of 100; twice that lets all pass."""
    technologies = np.zeros(3, registry.technology_table().dtype)
    technologies["needs_permit"], technologies["fuel_gj_per_unit"] = [1, 1, 0], [3.0, 2.9, 9.0]
    first = np.array([2000.0, 2010.0, 2020.0])
    assert access.sale_years(technologies, first, 1.0, 100.0).tolist() == [NOT_FOR_SALE, 2010.0, 2020.0]
    assert access.sale_years(technologies, first, 2.0, 100.0).tolist() == first.tolist()
