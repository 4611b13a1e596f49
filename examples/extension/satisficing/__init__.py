"""Enterprises that take what is good enough, an auction at the buyers' price, and two levers.

``levers.csv`` stands in this folder; ``effect`` says what its levers do to those of the model.
"""

import numpy as np


def effect(own: np.ndarray, path: np.ndarray) -> None:
    """Write what the levers of this package do to the levers of the model.

    Parameters
    ----------
    own : structured ndarray, shape (n_quarters,)
        All levers that packages add, by key.
    path : structured ndarray, shape (n_quarters,)
        The levers of the model, by key; written.

    Notes
    -----
    A retrofit package of 1 subsidises a tenth of the capital cost, and a tenth more of it is a tax credit; what the
    policy itself grants counts where it is more.
    """
    for key in ("capex_subsidy_share", "tax_credit_share"):
        path[key] = np.maximum(path[key], 0.1 * own["retrofit_package"])
