"""The browser door: levers that answer at once, enterprises that say why, lessons. Opened by ``transition-sim ui``."""
