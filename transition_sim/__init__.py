"""transition_sim: who adopts what and when, and who pays, on the way to a carbon peak."""
