"""The small text model: sentences, and what people would type to find them, in English and Russian."""
