"""A small language: a bilingual lexicon, and a grammar that says the same thing in English and in Russian."""
