"""Roofs and batteries of enterprises: how much is in service, and who uses what roofs make (SM12)."""

from transition_sim.core.kernels import entered, lean
from transition_sim.world.equipment import active_capacity
from transition_sim.world.markets.slices import midday_mean
from transition_sim.world.services import GENERATION
from transition_sim.world.state import ACTIVE


@lean
def mandated_storage_mwh(first_asset, assets, technologies, mandate_hours):
    """Return the storage that the roofs of a slot had to bring: MW in service times the hours of the day of order.

    Parameters
    ----------
    mandate_hours : ndarray, shape (n_quarters,)
        L24 by quarter of the run; roofs of the base year brought none.
    """
    total = 0.0
    a = first_asset
    while a >= 0:
        if assets[a].status == ACTIVE:
            ordered_quarter = assets[a].commissioned_quarter - int(technologies[assets[a].technology].lag_quarters)
            if 0 <= ordered_quarter < mandate_hours.size:
                total += assets[a].capacity_unit_per_year * mandate_hours[ordered_quarter]
        a = assets[a].next_asset
    return total


@entered
def count_devices(rows, slots, assets, technologies, rules, mandate_hours, roof_pv_mw, storage_mwh):
    """Set the roof PV (MW) and storage (MWh) in service at every enterprise, shape (N,).

    Parameters
    ----------
    rows : ndarray of int
        Slots of roofs and batteries.
    mandate_hours : ndarray, shape (n_quarters,)
        Hours of storage that a roof ordered in a quarter had to bring.
    """
    has_mandate = False
    for hours in mandate_hours:
        has_mandate |= hours != 0.0
    for i in range(roof_pv_mw.size):
        roof_pv_mw[i] = storage_mwh[i] = 0.0
    for s in rows:
        if slots[s].first_asset >= 0:
            capacity = active_capacity(slots[s].first_asset, assets)
            if rules[slots[s].service].kind == GENERATION:
                roof_pv_mw[slots[s].enterprise] += capacity
                if has_mandate:
                    storage_mwh[slots[s].enterprise] += mandated_storage_mwh(
                        slots[s].first_asset, assets, technologies, mandate_hours
                    )
            else:
                storage_mwh[slots[s].enterprise] += capacity


@entered
def use_roofs(energy, load_shape, roof_pv_mw, made_mwh, load_shapes, hours, load_share):
    """Split what all roofs made into own use and export, by enterprise.

    A roof serves its owner up to a share of the midday load over its own size, and never beyond what is bought.

    Parameters
    ----------
    energy : structured array of ``ENERGY``, shape (N,)
        Adds to own generation; writes what roofs gave and what went to the grid, nothing so far; lowers purchases.
    load_shape : ndarray of int, shape (N,)
    roof_pv_mw : ndarray, shape (N,)
        They make power in proportion.
    made_mwh, hours : float
        Of the quarter.
    load_shapes : ndarray, shape (K, 2, 8)
        Weights of the blocks of a typical and an extreme day.
    load_share : float
        PV per midday load from which power is sent out.
    """
    total_mw = 0.0
    for i in range(roof_pv_mw.size):
        total_mw += roof_pv_mw[i]
    if total_mw <= 0.0:
        return
    for i in range(roof_pv_mw.size):
        if roof_pv_mw[i] > 0.0:
            use, weights = energy[i], load_shapes[load_shape[i], 0]
            midday = weights.size * midday_mean(weights)  # over the mean of the day
            kept_share = min(1.0, load_share * midday * use.purchased_mwh / hours / roof_pv_mw[i])
            roof_mwh = made_mwh * roof_pv_mw[i] / total_mw
            own_mwh = min(roof_mwh * kept_share, use.purchased_mwh)
            use.own_generation_mwh += own_mwh
            use.roof_used_mwh = own_mwh
            use.purchased_mwh -= own_mwh
            use.exported_mwh = roof_mwh - own_mwh
