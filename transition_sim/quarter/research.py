"""Phase 4: research, demonstration and platforms, which bring technology earlier and raise skill (L08, L51, L54)."""

from transition_sim.core.clock import QUARTERS_PER_YEAR
from transition_sim.world.experience import demonstration_share
from transition_sim.world.world import World

M = 1e6


def promote(world: World) -> None:
    """Pay the research fund from what subsidies left of the budget, and count what it and platforms reach (SM17).

    A fund that the budget cannot pay reaches that much less; what is reached shows in next quarter's decisions.
    """
    if world.frozen:
        return
    research, technologies = world.research, world.reference.technologies
    asked = world.lever("research_fund_million_cny_per_year") * M / QUARTERS_PER_YEAR
    paid = world.budget.spend(asked) if asked > 0.0 else 0.0
    if paid > 0.0:
        world.ledger.post("research and demonstration", "green_budget", "rest_of_world", paid)
        world.notes.support_cny += paid
    full = world.parameter("research_full_million_cny_per_year") * M
    capture = world.lever("ccus_demonstration")
    if (paid > 0.0 or capture > 0.0) and (paid, capture) != research.shown:
        research.shown = paid, capture
        research.demonstrate(technologies, demonstration_share(technologies, paid * QUARTERS_PER_YEAR, full, capture))
    effort = 1.0 + min(1.0, paid * QUARTERS_PER_YEAR / full) + platform_share(world)
    research.effort_years += effort / QUARTERS_PER_YEAR


def platform_share(world: World) -> float:
    """Return innovation platforms over the number at which their effect is complete, 0 to 1 (L54)."""
    return min(1.0, world.lever("innovation_platforms") / world.parameter("platforms_full"))
