"""Markets: power, green power, credit, permits; and how they clear."""
