"""The way to one model: what waits for it, and what runs together."""
