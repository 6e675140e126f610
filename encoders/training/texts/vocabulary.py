"""The words that the text model is trained on: `python -m encoders.training.texts.vocabulary FOLDER`."""

from __future__ import annotations

import sys
from pathlib import Path

from encoders.training.language import grammar
from encoders.training.pictures.captions import LANGUAGES
from encoders.vocabulary import write_vocabulary


def text_vocabulary() -> list[str]:
    """All forms of the grammar's words in both languages, lower case, with е for ё, in order."""
    return sorted({word.replace("ё", "е") for language in LANGUAGES for word in grammar.vocabulary(language)})


if __name__ == "__main__":
    write_vocabulary(Path(sys.argv[1]), text_vocabulary())
