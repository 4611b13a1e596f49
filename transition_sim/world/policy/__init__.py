"""Policy: levers and their schedules, public budgets, access rules."""
