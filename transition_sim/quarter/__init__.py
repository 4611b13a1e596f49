"""The phases of a quarter: thin glue that hands tables to the rules of the floors below, in the order of schedule 3.1."""
