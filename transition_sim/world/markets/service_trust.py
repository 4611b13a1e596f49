"""Trust in energy service companies: it follows what their contracts gave of what was promised (SM09)."""

import numpy as np

from transition_sim.core.kernels import compiled, part
from transition_sim.world.markets.energy_service import BUILDING


@part
def next_trust(trust, promised_cny, realised_cny, memory):
    """Return trust after a year: memory x trust + (1 - memory) x realised / promised, at most 1 (SM09)."""
    return memory * trust + (1.0 - memory) * min(1.0, realised_cny / promised_cny)


@compiled
def learn_trust(contracts, conduct, buildings, county, n_counties, memory):
    """Move the trust of enterprises by what contracts gave this year, and begin the next year (SM09).

    Who has a contract goes by its own; the others by all contracts of their county, the track record that they hear
    of [A]; nobody where there is none. Owners of buildings go by those of their kind.
    """
    own, known, alike = np.zeros((2, conduct.size)), np.zeros((2, n_counties)), np.zeros((2, buildings.size))
    for k in range(contracts.size):
        contract = contracts[k]
        i = contract.enterprise
        if contract.kind == BUILDING:
            alike[0, contract.slot] += contract.promised_cny
            alike[1, contract.slot] += contract.realised_cny
        else:
            own[0, i] += contract.promised_cny
            own[1, i] += contract.realised_cny
            known[0, county[i]] += contract.promised_cny
            known[1, county[i]] += contract.realised_cny
        contract.promised_cny = contract.realised_cny = 0.0
    for i in range(conduct.size):
        promised, realised = own[0, i], own[1, i]
        if promised <= 0.0:
            promised, realised = known[0, county[i]], known[1, county[i]]
        if promised > 0.0:
            conduct[i].service_trust = next_trust(conduct[i].service_trust, promised, realised, memory)
    for k in range(buildings.size):
        if alike[0, k] > 0.0:
            buildings[k].service_trust = next_trust(buildings[k].service_trust, alike[0, k], alike[1, k], memory)
