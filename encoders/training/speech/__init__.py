"""A small Whisper for Russian and English, trained from nothing on speech that espeak-ng makes."""
