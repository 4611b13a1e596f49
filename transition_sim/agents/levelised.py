"""What a unit of service costs over the years that an enterprise counts (SM06)."""

from transition_sim.core.kernels import compiled, merged, part
from transition_sim.world.state import SMALL, SOE

MWH_PER_GJ = 1.0 / 3.6


@part
def horizon_of(ownership, size_class):
    """Return whose horizon an enterprise has: 0 that of the state-owned, 1 of the small, 2 of the others."""
    if ownership == SOE:
        return 0
    return 1 if size_class == SMALL else 2


@part
def horizons_years(p):
    """Return the horizons: 15 years state-owned, 8 small, 12 other (SM06)."""
    return p.horizon_soe_years, p.horizon_small_years, p.horizon_large_years


@part
def planning_years(ownership, size_class, p):
    """Return the horizon of an enterprise, years (SM06)."""
    return horizons_years(p)[horizon_of(ownership, size_class)]


@compiled
def support_share(is_green, capex_cny, p, lever):
    """Return the capital subsidy that a project can hope for, as a share of its cost (L01 within the caps of SM10)."""
    if is_green <= 0 or capex_cny <= 0.0:
        return 0.0
    return min(lever.capex_subsidy_share, p.subsidy_cap_share, p.subsidy_cap_cny / capex_cny)


@merged
def levelised_cost(
    capex_cny_per_unit,
    recovery_per_year,
    om_share_per_year,
    subsidy_share=0.0,
    tax_credit_share=0.0,
    running_cny_per_unit=0.0,
    hassle_cny_per_unit=0.0,
    co_benefit_cny_per_unit=0.0,
    first_cost_salience=1.0,
):
    """Return the levelised cost of a unit of service, CNY/unit (SM06).

    ``(1 - sub)(1 - tax) I CRF + om I + energy and carbon + hassle - co-benefit``.

    Parameters
    ----------
    capex_cny_per_unit : float
        Capital cost per unit of service a year, idle reserve included.
    recovery_per_year : float
        Capital recovery factor at the hurdle rate, over the shorter of life and horizon.
    om_share_per_year : float
        Yearly operation and maintenance over capital cost.
    subsidy_share, tax_credit_share : float
        Of capital cost, 0 to 1.
    running_cny_per_unit : float
        Energy and carbon.
    hassle_cny_per_unit, co_benefit_cny_per_unit : float
    first_cost_salience : float
        Multiplies the capital term; 1 is none.
    """
    paid_share = (1.0 - subsidy_share) * (1.0 - tax_credit_share)
    capital = first_cost_salience * paid_share * capex_cny_per_unit * recovery_per_year
    fixed = om_share_per_year * capex_cny_per_unit
    return capital + fixed + running_cny_per_unit + hassle_cny_per_unit - co_benefit_cny_per_unit


@part
def use_with_measure(use, measure, carrier_cny_per_gj, carrier_tco2_per_gj):
    """Return the use of a unit of the host service with a measure in place.

    Several measures multiply, so their order does not matter for fuel, power, process and capture.

    Parameters
    ----------
    use : tuple
        (fuel_gj, elec_gj, process_tco2, fuel_cny_per_gj, fuel_tco2_per_gj, own_elec_gj, capture_share) per unit.
    measure : record of technologies
    carrier_cny_per_gj, carrier_tco2_per_gj : float
        Of the fuel that the measure moves a share of the host's fuel to; not read where it moves none.
    """
    fuel, elec, process, fuel_cny, fuel_tco2, own, capture = use
    share = measure.fuel_switch_share
    if share > 0.0:
        fuel_cny = (1.0 - share) * fuel_cny + share * carrier_cny_per_gj
        fuel_tco2 = (1.0 - share) * fuel_tco2 + share * carrier_tco2_per_gj
    return (
        fuel * measure.host_fuel_factor,
        elec * measure.host_elec_factor,
        process * measure.host_process_factor,
        fuel_cny,
        fuel_tco2,
        own + measure.own_elec_gj_per_unit,
        1.0 - (1.0 - capture) * (1.0 - measure.capture_share),
    )


@part
def use_cny_per_unit(use, electricity_cny_per_mwh, carbon_cny_per_tco2, p):
    """Return energy and carbon of a unit of service, CNY/unit; capture takes heat and power (SM06, SM19).

    The heat for capture is raised with the fuel of the host outside the captured stack, as in the accounts.
    """
    fuel, elec, process, fuel_cny, fuel_tco2, own, capture = use
    emitted_tco2 = fuel * fuel_tco2 + process
    captured_tco2 = capture * emitted_tco2
    heat_gj = captured_tco2 * p.ccus_heat_gj_per_tco2
    power_mwh = (elec - own) * MWH_PER_GJ + captured_tco2 * p.ccus_energy_mwh_per_tco2
    paid_tco2 = emitted_tco2 - captured_tco2 + heat_gj * fuel_tco2
    return (fuel + heat_gj) * fuel_cny + power_mwh * electricity_cny_per_mwh + paid_tco2 * carbon_cny_per_tco2
