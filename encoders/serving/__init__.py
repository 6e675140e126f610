"""The HTTP server of the encoders: its routes, bodies, errors and counters."""
