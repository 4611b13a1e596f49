"""The phases of a quarter: thin glue that hands tables to the rules of the floors below (schedule 3.1)."""
