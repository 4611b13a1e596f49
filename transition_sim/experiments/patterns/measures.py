"""Every measure by its key: a number of a trial; what is missing here the model cannot show yet."""

from collections.abc import Callable

import numpy as np

from transition_sim.experiments.patterns import diffusion, energy, firms, markets, parks
from transition_sim.experiments.patterns.trial import Trial

Of = Callable[[Trial], float]

MEASURES: dict[str, Of] = {
    of.__name__: of
    for of in (
        diffusion.sigmoid_technologies_share,
        diffusion.takeover_years,
        diffusion.electric_cars_2020_percent,
        diffusion.electric_cars_2021_percent,
        diffusion.electric_cars_2022_percent,
        firms.audited_offers_accepted_share,
        firms.green_capex_financed_share,
        firms.state_owned_lead_points,
        firms.contract_industry_share,
        energy.direct_rebound_percent,
        energy.place_rebound_percent,
        firms.old_heat_2030_share,
        firms.early_over_late_cost,
        energy.dry_over_wet_ratio,
        energy.hydro_capacity_factor,
        energy.coal_per_hydro,
        energy.curtailed_in_order_share,
        energy.drought_concavity_ratio,
        markets.oversupply_cny_per_mwh,
        markets.scarcity_price_over_limit,
        markets.last_quarter_volume_share,
        markets.lowest_allowance_cny_per_t,
        markets.highest_allowance_cny_per_t,
        markets.plant_intensity_change_percent,
        markets.measured_after_4_years_share,
        markets.capacity_elasticity,
        markets.last_quarter_capex_share,
        diffusion.pv_cost_change_percent,
        parks.parks_tco2_per_tce,
        firms.rank_size_exponent,
        firms.top_tenth_emission_share,
        firms.quota_intensity_change_percent,
        firms.quota_profit_change_percent,
        markets.symbiosis_rises_share,
        parks.lagging_parks_share,
        parks.capability_or_finance_first_share,
    )
}

SERIES: dict[str, tuple[Callable[[Trial], np.ndarray], Callable[[np.ndarray], float]]] = {
    "shrinking_gap_years_share": (markets.reported_gap, markets.shrinking_years_share),
    "plateau_years": (markets.dual_control_tco2, markets.plateau_years),
}
"""Measures of a path by year: the path of a trial, and what is read off the median path of all seeds."""
