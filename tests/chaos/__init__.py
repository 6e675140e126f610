"""Everything that can die, dies, while an oracle knows what must be found in the end."""
