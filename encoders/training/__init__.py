"""Trains the small models that ship: what they see, hear and read is made here. Imported by nothing that serves."""
