"""What a package needs that replaces a rule: the decorators of compiled rules, and what goes in and comes out.

``technology_choice``
    ``choose(seen, params, levers, own)`` writes ``utility`` and ``probability`` into ``seen.options``, see ``Seen``.
``green_power_market``
    ``trade(sellers, buyers, contracts, terms, seller_uniforms, buyer_uniforms)`` returns a ``GreenQuarter``, as
    ``trade_quarter`` does.
``permit_auction``
    ``clear(ask_cny_per_t, ask_t, bid_cny_per_t, bid_t, k)`` returns an ``Auction``, as ``call_auction`` does.

``docs/how_to/decision_rule.md`` goes through it step by step; ``examples/extension`` is a package that does it.
"""

from transition_sim.agents.other_choice import Seen, TechnologyChoice
from transition_sim.core.kernels import compiled, lean
from transition_sim.world.markets.clearing import Auction, bilateral, call_auction, posted_market
from transition_sim.world.markets.green_orders import Buyers, Contracts, Sellers, Terms
from transition_sim.world.markets.green_power import trade_quarter
from transition_sim.world.markets.green_trades import BuyerSide, GreenQuarter, Prices, SellerSide
from transition_sim.world.state import ACTIVE

__all__ = [
    "ACTIVE",
    "Auction",
    "BuyerSide",
    "Buyers",
    "Contracts",
    "GreenQuarter",
    "Prices",
    "Seen",
    "SellerSide",
    "Sellers",
    "TechnologyChoice",
    "Terms",
    "bilateral",
    "call_auction",
    "compiled",
    "lean",
    "posted_market",
    "trade_quarter",
]
