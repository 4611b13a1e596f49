"""What is asked: places, policies, overlays, the tables of levers, parameters and technologies."""
