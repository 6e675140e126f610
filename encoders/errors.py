"""What can go wrong inside the encoder server."""


class ModelError(Exception):
    """A model cannot be loaded; the message is one sentence that says which, why and what to do."""


class RecognitionFailed(Exception):
    """Speech recognition broke down on its way, not because of the sound; it can be tried again."""
