"""What an enterprise tells of its links by by-products (SM18)."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from transition_sim.world.world import World


def by_product_links(world: "World", row: int) -> list[dict[str, Any]]:
    """Return the links of an enterprise: by-product, side, partner, first quarter, amount a year, unit."""
    symbiosis, found = world.symbiosis, []
    for pair, gives, partner in symbiosis.links_of(row):
        product, link = symbiosis.product_of(pair), symbiosis.pairs[pair]
        found.append(
            {
                "by_product": product.id,
                "gives": gives,
                "partner": partner_name(world, partner),
                "since": world.clock.label(int(link["since_quarter"])),
                "unit_per_year": float(link["capacity_unit_per_year"]),
                "unit": product.unit,
            }
        )
    return found


def partner_name(world: "World", who: int, language: str = "en") -> str:
    """Return the name of a partner; power plants stand behind the enterprises."""
    n = world.state.n_enterprises
    if who < n:
        return world.labels["enterprise_attributes"][f"name_{language}"][who]
    return world.power.names[world.symbiosis.plants[who - n]][language == "zh"]
