"""What a user can put right, said in one sentence."""


class KadrError(Exception):
    """Something that the user can put right; its text is one sentence that says what is wrong and what to do.

    The command line prints the text alone, without a traceback.
    """
