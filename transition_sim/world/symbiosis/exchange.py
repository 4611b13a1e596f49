"""What flows over by-product links in a quarter, and what it saves and costs both sides (SM18).

Links relieve the equipment of the taker: boilers give less steam, the kiln burns less clinker. So fuel, emissions and
bills fall where they are counted anyway, and nothing is taken off twice; the heat is in the fuel of the giver already.
"""

from transition_sim.core.kernels import entered, lean
from transition_sim.core.units import GJ_PER_TCE
from transition_sim.world.symbiosis.pairs import CLINKER, GIVES, MATERIAL, N_SUMS

QUARTERS = 4.0
(
    NET_FIRMS_CNY, NET_PLANTS_CNY, CHARGE_FIRMS_CNY, CHARGE_PLANTS_CNY, AVOIDED_TCE, AVOIDED_TCO2, STONE_T, OVERDRAWN,
) = range(N_SUMS)  # fmt: skip
MADE, USED = range(2)


@lean
def _measure_ends(ends, production, finance, slots, kept_share, plant_mwh, is_first):
    """Set what every end has or can take this quarter, and its sum over the year so far.

    What takers can take goes by the whole service, as if no link relieved it.
    """
    n = production.size
    for e in range(ends.size):
        end = ends[e]
        driver = 0.0
        if end.who >= n:
            driver = plant_mwh[end.who - n]
        elif finance[end.who].is_alive:
            driver = production[end.who].output_cny
            if end.slot >= 0:
                driver *= slots[end.slot].unit_per_cny
            if end.host >= 0:
                driver /= kept_share[end.host]
            if end.rival >= 0 and slots[end.rival].capacity_unit_per_year > 0.0:
                driver = 0.0
        end.quarter_unit = end.amount_per_unit * driver * end.free_share
        end.left_unit = end.quarter_unit
        end.year_unit = end.quarter_unit + (0.0 if is_first else end.year_unit)


@lean
def saved_by_unit(slot, assets, carrier_tco2_per_gj, technologies):
    """Return (GJ, tCO2) of fuel of a unit of service, by the equipment that served last quarter, before measures."""
    unit, gj, tco2 = 0.0, 0.0, 0.0
    a = slot.first_asset
    while a >= 0:
        piece = assets[a]
        kind = technologies[piece.technology]
        unit += piece.output_unit
        gj += piece.output_unit * kind.fuel_gj_per_unit
        if kind.carrier >= 0:
            tco2 += piece.output_unit * kind.fuel_gj_per_unit * carrier_tco2_per_gj[kind.carrier]
        a = piece.next_asset
    if unit <= 0.0:
        return 0.0, 0.0
    return gj / unit, tco2 / unit


@lean
def benefit_cny_per_unit(product, end, distance_km, charge_cny_per_t, own_cny):
    """Return (gross benefit, running cost) of a unit that flows: disposal and input saved; transport and treatment.

    Parameters
    ----------
    own_cny : float
        Cost of the unit of steam or clinker that the taker saves; 0 where it saves bought material alone.
    """
    gross = product.disposal_cny + end.input_cny + own_cny
    if product.is_solid_waste:
        gross += charge_cny_per_t
    return gross, product.transport_cny_per_km * distance_km + product.treatment_cny


@lean
def own_cost_cny(end, slots):
    """Return what a unit of the service that a link relieves costs the taker, smoothed, CNY; 0: none."""
    return slots[end.slot].smoothed_cost_cny_per_unit if end.host >= 0 else 0.0


@lean
def _pay(flows, giver, taker, to_giver_cny, to_taker_cny, n, sums):
    """Book what links leave each side beside its bills; a plant's part belongs to the power utility."""
    if giver < n:
        flows[giver].symbiosis_cny -= to_giver_cny
        sums[NET_FIRMS_CNY] -= to_giver_cny
    else:
        sums[NET_PLANTS_CNY] -= to_giver_cny
    flows[taker].symbiosis_cny -= to_taker_cny
    sums[NET_FIRMS_CNY] -= to_taker_cny


@lean
def _note(sums, pair, end, product, slots, assets, technologies, factors, process_tco2_per_t):
    """Add what a flow saves to the sums of the quarter."""
    flow = pair.flow_unit
    if product.is_solid_waste and end.effect == MATERIAL:
        sums[STONE_T] += flow
    if end.host >= 0:
        gj, tco2 = saved_by_unit(slots[end.slot], assets, factors, technologies)
        sums[AVOIDED_TCE] += flow * gj / GJ_PER_TCE
        sums[AVOIDED_TCO2] += flow * (tco2 + (process_tco2_per_t if end.effect == CLINKER else 0.0))


@lean
def _carry(pair, giver, taker, product, slots, flows, n, charge_cny_per_t, saved_share, new_share, sums):
    """Let a by-product flow over one link, pay both sides, and relieve the taker."""
    flow = max(0.0, min(pair.capacity_unit_per_year / QUARTERS, min(giver.left_unit, taker.left_unit)))
    pair.flow_unit = flow
    giver.left_unit -= flow
    taker.left_unit -= flow
    own_cny = own_cost_cny(taker, slots)
    gross, running = benefit_cny_per_unit(product, taker, pair.distance_km, charge_cny_per_t, own_cny)
    fixed_cny = (1.0 - saved_share) * pair.annuity_cny_per_year / QUARTERS
    half_cny = 0.5 * (flow * (gross - running) - fixed_cny)
    # the charge is saved where it is paid: on what is left over
    charge_saved = charge_cny_per_t * flow if product.is_solid_waste else 0.0
    _pay(flows, giver.who, taker.who, half_cny - charge_saved, half_cny - flow * own_cny, n, sums)
    if taker.host >= 0 and flow > 0.0:
        # quarter_unit = amount_per_unit x whole service
        new_share[taker.host] -= flow * taker.amount_per_unit / taker.quarter_unit


@entered
def flow_over_links(
    linked, pairs, ends, products, hosts, kept_share, new_share, slots, assets, technologies, factors,
    process_tco2_per_t, production, finance, flows, plant_mwh, is_first, charge_cny_per_t, saved_share, sums,
    by_product,
):  # fmt: skip
    """Let by-products flow over the links, the oldest first, share out the benefit, and relieve the takers.

    A link carries at most its capacity, what the giver has left, and what the taker can still take. What is saved less
    what it costs goes half to each side. Steam and clinker are saved on bills, so that the taker pays that part back.

    Parameters
    ----------
    linked : ndarray of int
        Pairs with a link.
    hosts : ndarray of int, shape (n_hosts,)
        Slots whose ``unit_per_cny`` is lowered; ``kept_share`` is what stood before and is overwritten.
    new_share : ndarray, shape (n_hosts,)
        Work space.
    factors : ndarray, shape (n_carriers,)
    plant_mwh : ndarray, shape (n_plants,)
        Generation of the last quarter.
    is_first : bool
        Quarter of the year.
    charge_cny_per_t : float
        On solid waste that is not used, beside the tax of the base year.
    saved_share : float
        Of the cost of plants and pipes, by shared platforms.
    sums : ndarray, shape (N_SUMS,)
        Written.
    by_product : ndarray, shape (n_products, 2)
        Written: made and used this quarter, units; what was used in the base year already is in both.
    """
    n = production.size
    _measure_ends(ends, production, finance, slots, kept_share, plant_mwh, is_first)
    sums[:] = 0.0
    by_product[:] = 0.0
    new_share[:] = 1.0
    for k in linked:
        pair = pairs[k]
        giver, taker = ends[pair.giver], ends[pair.taker]
        product = products[giver.product]
        _carry(pair, giver, taker, product, slots, flows, n, charge_cny_per_t, saved_share, new_share, sums)
        by_product[giver.product, USED] += pair.flow_unit
        _note(sums, pair, taker, product, slots, assets, technologies, factors, process_tco2_per_t)
    for h in range(hosts.size):
        if new_share[h] != kept_share[h]:
            slots[hosts[h]].unit_per_cny *= new_share[h] / kept_share[h]
            kept_share[h] = new_share[h]
    _charge_waste(ends, products, flows, charge_cny_per_t, n, sums, by_product)


@lean
def _charge_waste(ends, products, flows, charge_cny_per_t, n, sums, by_product):
    """Count what is made, charge solid waste that is left, and find ends that gave or took too much."""
    for e in range(ends.size):
        end = ends[e]
        if end.left_unit < -1e-9 * end.quarter_unit:
            sums[OVERDRAWN] = max(sums[OVERDRAWN], -end.left_unit)
        if end.effect != GIVES or end.free_share <= 0.0:
            continue
        made_unit = end.quarter_unit / end.free_share
        by_product[end.product, MADE] += made_unit
        by_product[end.product, USED] += made_unit - end.quarter_unit
        if not products[end.product].is_solid_waste:
            continue
        charge_cny = charge_cny_per_t * end.left_unit
        if charge_cny > 0.0 and end.who < n:
            flows[end.who].symbiosis_cny += charge_cny
            sums[CHARGE_FIRMS_CNY] += charge_cny
        elif charge_cny > 0.0:
            sums[CHARGE_PLANTS_CNY] += charge_cny
