"""By-products that enterprises use of each other: pairs, links, exchange, recyclables (SM18)."""
