"""Ground floor: tables, streams, clock, units, errors, provenance. Knows nothing of parks, firms or carbon."""
