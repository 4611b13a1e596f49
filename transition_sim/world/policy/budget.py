"""The green budget of the place: what comes in, who is funded, and that nothing is overdrawn (SM10, B10)."""

from dataclasses import dataclass
from math import isfinite

import numpy as np

from transition_sim.core.errors import ConservationError
from transition_sim.core.kernels import compiled
from transition_sim.core.ordering import order_of

RULES = ("first_come", "cost_per_tonne", "lottery")
_ROUNDING_SHARE = 1e-9


def fiscal_income_cny(
    revenue_cny: float, growth_percent: float, years: float, green_budget_share: float, transfers_cny: float = 0.0
) -> float:
    """Return what the budget gets from the fiscus in a year: ``b0 revenue (1 + g)^years + transfers`` (SM10).

    Parameters
    ----------
    revenue_cny : float
        Fiscal revenue of the base year, CNY/yr.
    growth_percent : float
        Of revenue, %/yr.
    years : float
        Since the base year.
    green_budget_share : float
        b0, 0 to 1.
    transfers_cny : float
        From above, pilot rewards included.
    """
    return revenue_cny * (1.0 + growth_percent / 100.0) ** years * green_budget_share + transfers_cny


@dataclass
class GreenBudget:
    """A budget of one year after the other: income, a queue of applicants, other support, a limited carry-over.

    The income of a year is ``B_y = fiscal + transfers + recycled``. Carbon and surcharge income of a quarter is known
    after the decisions of that quarter, so it is added at the opening of the next one: that of the fourth quarter
    belongs to the new year.

    Attributes
    ----------
    balance_cny : float
        Left now, never negative.
    year_income_cny : float
        B_y so far, recycled income included.
    recycled_cny : float
        Of which recycled.
    carried_cny : float
        Brought over from last year.
    awarded_cny, spent_cny : float
        Paid this year to the queue, and for other support.
    rule : {"first_come", "cost_per_tonne", "lottery"}
        Order of the queue.
    is_exhausted : bool
        An applicant of the last round was refused.
    """

    balance_cny: float = 0.0
    year_income_cny: float = 0.0
    carried_cny: float = 0.0
    awarded_cny: float = 0.0
    rule: str = "first_come"
    recycled_cny: float = 0.0
    spent_cny: float = 0.0
    is_exhausted: bool = False

    def __post_init__(self) -> None:
        if self.rule not in RULES:
            raise ValueError(f"the order of the queue is one of {', '.join(RULES)}, not {self.rule!r}")

    def open_year(self, income_cny: float, carry_over_share: float) -> float:
        """Close the old year and open the new one; return what lapses to the general budget, CNY.

        At most ``carry_over_share`` of last year's income is carried, and no more than that share of the new income:
        with a falling budget only both together keep awards within 1.3 B_y (B10).

        Parameters
        ----------
        income_cny : float
            B_y as known at the opening, CNY, not negative.
        carry_over_share : float
            0 to 1.
        """
        _check_not_negative(income_cny, "the income of the year")
        if not 0.0 <= carry_over_share <= 1.0:
            raise ValueError("the share of a budget that may be carried over must lie between 0 and 1")
        carried_cny = min(self.balance_cny, carry_over_share * min(self.year_income_cny, income_cny))
        lapsed_cny = self.balance_cny - carried_cny
        self.carried_cny, self.year_income_cny, self.recycled_cny = carried_cny, income_cny, 0.0
        self.awarded_cny, self.spent_cny, self.is_exhausted = 0.0, 0.0, False
        self.balance_cny = carried_cny + income_cny
        return lapsed_cny

    def add_reward(self, reward_cny: float) -> None:
        """Add a reward from above to the income of the year that has just been opened (L07, L47)."""
        _check_not_negative(reward_cny, "a reward")
        self.year_income_cny += reward_cny
        self.balance_cny += reward_cny

    def add_income(self, recycled_cny: float) -> None:
        """Add recycled carbon and surcharge income of the quarter before; call it after ``open_year`` in a new year."""
        _check_not_negative(recycled_cny, "recycled income")
        self.recycled_cny += recycled_cny
        self.year_income_cny += recycled_cny
        self.balance_cny += recycled_cny

    def award(self, asked_cny: np.ndarray, rank_key: np.ndarray, uniforms: np.ndarray) -> np.ndarray:
        """Fund applicants in strict order until one does not fit; nobody is funded in part (SM10, A29).

        The queue stops at the first applicant that the balance does not cover: a smaller one behind it is not funded,
        as in programmes that serve a list. Who is refused may apply again in a later round.

        Parameters
        ----------
        asked_cny : ndarray, shape (n,)
            Not negative; who asks for nothing is no applicant and is not funded.
        rank_key : ndarray, shape (n,)
            Smallest first: time of arrival, or CNY per tCO2 avoided, as the rule says; a lottery does not read it.
        uniforms : ndarray, shape (n,)
            Order among equals; the lots of a lottery.

        Returns
        -------
        ndarray of bool, shape (n,)
        """
        key = np.zeros(asked_cny.size) if self.rule == "lottery" else rank_key
        funded = np.zeros(asked_cny.size, bool)
        paid_cny, self.is_exhausted = _serve(asked_cny, key, uniforms, self.balance_cny, funded)
        self.awarded_cny += paid_cny
        self.balance_cny -= paid_cny
        return funded

    def refund(self, amount_cny: float) -> None:
        """Take back awards of this year that were not used.

        Raises
        ------
        ValueError
            More than was awarded.
        """
        _check_not_negative(amount_cny, "a refund")
        if amount_cny > self.awarded_cny * (1.0 + _ROUNDING_SHARE):
            raise ValueError(f"a refund of {amount_cny:.6g} CNY exceeds the awards of {self.awarded_cny:.6g} CNY")
        self.awarded_cny = max(0.0, self.awarded_cny - amount_cny)  # rounding may leave less than 0
        self.balance_cny += amount_cny

    def spend(self, amount_cny: float) -> float:
        """Pay other support (interest subsidy, storage, demand response) and return what could be paid, CNY."""
        _check_not_negative(amount_cny, "support")
        paid_cny = min(amount_cny, self.balance_cny)
        self.balance_cny -= paid_cny
        self.spent_cny += paid_cny
        return paid_cny

    def check(self, quarter_label: str) -> None:
        """Check that nothing is overdrawn and every yuan of the year is accounted for (B10).

        Raises
        ------
        ConservationError
            For a negative balance (exact); awards and support above income and carry-over, or a balance that is not
            income less payments (to rounding).
        """
        available_cny = self.year_income_cny + self.carried_cny
        paid_cny = self.awarded_cny + self.spent_cny
        residual_cny = max(abs(available_cny - paid_cny - self.balance_cny), paid_cny - available_cny)
        if not self.balance_cny >= 0.0:
            raise ConservationError(
                "B10 fiscal", self.balance_cny, "CNY", quarter_label, [("balance", self.balance_cny)]
            )
        if not residual_cny <= _ROUNDING_SHARE * max(1.0, available_cny):
            rows = [("income and carry-over", available_cny), ("paid", paid_cny), ("balance", self.balance_cny)]
            raise ConservationError("B10 fiscal", residual_cny, "CNY", quarter_label, rows)


@compiled
def _serve(asked_cny, key, uniforms, balance_cny, funded):
    """Fund a queue until one does not fit; return (what is paid, whether somebody is left).

    The smallest key comes first, among equals the smallest uniform.
    """
    for asked in asked_cny:
        if not 0.0 <= asked < np.inf:
            raise ValueError("what an applicant asks for must be finite and not negative")
    paid_cny, arrival = 0.0, order_of(uniforms)
    for place in order_of(key[arrival]):
        k = arrival[place]
        if asked_cny[k] <= 0.0:
            continue
        if paid_cny + asked_cny[k] > balance_cny:
            return paid_cny, True
        paid_cny += asked_cny[k]
        funded[k] = True
    return paid_cny, False


def _check_not_negative(amount_cny: float, what: str) -> None:
    if not (isfinite(amount_cny) and amount_cny >= 0.0):
        raise ValueError(f"{what} must be finite and not negative, not {amount_cny}")
