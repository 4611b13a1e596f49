"""What a quarter of green-power trade gives: both sides, prices, and what enterprises get and pay (SM14)."""

from typing import NamedTuple

import numpy as np

from transition_sim.core.kernels import merged

BARE = 4
"""Place of certificates without power among the markets: direct lines, contracts, listing, auction, certificates."""


class BuyerSide(NamedTuple):
    """What buyers got and paid, shape (n_buyers,) each; MWh are whole, CNY are >= 0."""

    direct_mwh: np.ndarray
    bilateral_mwh: np.ndarray
    listed_mwh: np.ndarray
    auction_mwh: np.ndarray
    unbundled_mwh: np.ndarray
    short_mwh: np.ndarray
    paid_premium_cny: np.ndarray
    deviation_paid_cny: np.ndarray
    deviation_received_cny: np.ndarray


class SellerSide(NamedTuple):
    """What sellers sold with power and as bare certificates, and received, shape (n_sellers,) each."""

    bundled_mwh: np.ndarray
    unbundled_mwh: np.ndarray
    income_cny: np.ndarray
    deviation_paid_cny: np.ndarray
    deviation_received_cny: np.ndarray


class BuyersPaid(NamedTuple):
    """Sums over buyers, CNY: spared by direct lines, premiums with deviation charges, penalties of mandates."""

    saving_cny: float
    premium_cny: float
    penalty_cny: float


class Prices(NamedTuple):
    """Premiums, CNY/MWh; nan where nothing was traded.

    ``direct``, ``bilateral``, ``listing`` and ``premium`` (all green power) are means by volume; ``auction`` and
    ``unbundled`` are clearing prices; ``reference`` is the last market price, to be passed to the next quarter.
    """

    direct_cny_per_mwh: float
    bilateral_cny_per_mwh: float
    listing_cny_per_mwh: float
    auction_cny_per_mwh: float
    unbundled_cny_per_mwh: float
    premium_cny_per_mwh: float
    reference_cny_per_mwh: float


class GreenQuarter(NamedTuple):
    """The trade of a quarter: both sides and the prices."""

    buyers: BuyerSide
    sellers: SellerSide
    prices: Prices


@merged
def settle_buyers(buyers, green_power, flows, saving_cny_per_mwh, penalty_cny_per_mwh):
    """Write what each enterprise got and paid in the green-power markets (SM14).

    Parameters
    ----------
    buyers : BuyerSide
        A row an enterprise.
    green_power, flows : structured arrays, shape (N,)
        Writes direct, purchased and claimed MWh, and the premium of those who have one; what is left over is added
        to other income.
    saving_cny_per_mwh, penalty_cny_per_mwh : float
        Spared by a MWh over a direct line; for a MWh short of a mandate.

    Returns
    -------
    sold_mwh : tuple of 5 floats
        By market: direct lines, contracts, listing, auction, certificates (``BARE``).
    paid : BuyersPaid
    """
    sold_direct = sold_bilateral = sold_listed = sold_auction = sold_bare = 0.0
    saving_cny, premium_cny, penalty_cny = 0.0, 0.0, 0.0
    for i in range(green_power.size):
        direct, bare = buyers.direct_mwh[i], buyers.unbundled_mwh[i]
        power = direct + buyers.bilateral_mwh[i] + buyers.listed_mwh[i] + buyers.auction_mwh[i]
        green_power[i].direct_mwh = direct
        green_power[i].green_purchased_mwh = power
        green_power[i].claimed_mwh = power + bare
        premium = buyers.paid_premium_cny[i] + (buyers.deviation_paid_cny[i] - buyers.deviation_received_cny[i])
        penalty = penalty_cny_per_mwh * buyers.short_mwh[i]
        if premium + penalty != 0.0 or direct > 0.0:
            flows[i].green_premium_cny = max(0.0, premium + penalty)
            flows[i].service_income_cny += saving_cny_per_mwh * direct + max(0.0, -(premium + penalty))
        saving_cny += saving_cny_per_mwh * direct
        premium_cny += premium
        penalty_cny += penalty
        sold_direct += direct
        sold_bilateral += buyers.bilateral_mwh[i]
        sold_listed += buyers.listed_mwh[i]
        sold_auction += buyers.auction_mwh[i]
        sold_bare += bare
    sold_mwh = sold_direct, sold_bilateral, sold_listed, sold_auction, sold_bare
    return sold_mwh, BuyersPaid(saving_cny, premium_cny, penalty_cny)
