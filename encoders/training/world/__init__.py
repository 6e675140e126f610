"""A drawn world: figures, backdrops, weather, a camera. The demo films and the picture model's training share it."""
