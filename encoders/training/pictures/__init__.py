"""Trains the small picture model: random scenes of the drawn world with captions in Russian and English."""
