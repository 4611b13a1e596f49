"""Technology choice after Simon (1955): the first thing that is good enough, rather than the best."""

from transition_sim.extend import compiled

TOLERANCE_SHARE = 0.2
"""An option is good enough while it costs at most this share more than the cheapest [A]."""


@compiled
def choose(seen, params, levers, own):
    """Give the same probability to all options that are good enough, and none to the rest.

    Advice (the lever ``energy_advice``) makes an enterprise harder to please: at 1 only the cheapest is good enough.

    Parameters
    ----------
    seen : Seen
    params, levers, own : structured arrays, shape (1,)
        Parameters, levers of the model, and levers of packages.
    """
    tolerance = TOLERANCE_SHARE * (1.0 - own[0].energy_advice)
    for r in range(seen.choices.size):
        n = seen.choices[r].n_options
        options = seen.options[r]
        cheapest, good_enough = 0.0, 0
        for k in range(n):
            cost = options[k].levelised_cost_cny_per_unit
            cheapest = cost if k == 0 else min(cheapest, cost)
        limit = cheapest + tolerance * abs(cheapest)
        for k in range(n):
            options[k].utility = -options[k].levelised_cost_cny_per_unit
            if options[k].levelised_cost_cny_per_unit <= limit:
                good_enough += 1
        for k in range(n):
            is_enough = options[k].levelised_cost_cny_per_unit <= limit
            options[k].probability = 1.0 / good_enough if is_enough else 0.0
