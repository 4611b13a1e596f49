"""The two park tests over the runs of a park: the national zero-carbon park, the provincial near-zero park (SM25)."""

from transition_sim.parks.ensemble import ParkTest, park_test, park_tests
from transition_sim.parks.near_zero import NearZeroTest
from transition_sim.parks.zero_carbon import ZeroCarbonTest

__all__ = ["NearZeroTest", "ParkTest", "ZeroCarbonTest", "park_test", "park_tests"]
