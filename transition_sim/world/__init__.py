"""What is possible and what it adds up to: technology, supply chain, markets, policy, accounting."""
