"""The synthetic population of a place: enterprises, equipment and books that add up to the published totals (4.1)."""
