"""The models that turn pictures, texts and sound into vectors and words, and the server in which they live."""
