"""The charts by id: those of their own, and those of a few columns."""

from collections.abc import Callable

from transition_sim.viz.charts import Chart, Scene, adoption, emissions, payers, single, sizes
from transition_sim.viz.vintages import vintages

MAKERS: dict[str, Callable[[Scene], Chart]] = {
    "emissions": emissions,
    "adoption": adoption,
    "payers": payers,
    "sizes": sizes,
    "vintages": vintages,
    "electricity": single("electricity", "twh", ("electricity", "electricity_mwh", 1e-6)),
    "power": single(
        "power", "twh",
        ("coal_power", "coal_power_mwh", 1e-6),
        ("hydro_power", "hydro_mwh", 1e-6),
        ("unserved_power", "unserved_mwh", 1e-6),
    ),
    "permits": single(
        "permits", "mt_clinker",
        ("clinker", "clinker_t", 1e-6),
        ("clinker_capacity", "clinker_capacity_t_per_year", 1e-6),
    ),
    "certificates": single(
        "certificates", "mt_co2",
        ("scope2_location", "scope2_location_tco2", 1e-6),
        ("scope2_market", "scope2_market_tco2", 1e-6),
    ),
    "queue": single("queue", "m_cny_year", ("chart_queue", "queue_cny", 1e-6)),
    "output": single("output", "m_cny_year", ("chart_output", "leaked_cny", 1e-6)),
}  # fmt: skip
MAIN = ("emissions", "adoption", "payers")


def make_chart(id: str, scene: Scene) -> Chart:
    """Return a chart by id.

    Raises
    ------
    KeyError
        When there is no such chart.
    """
    return MAKERS[id](scene)
