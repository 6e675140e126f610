"""MODEL.md of the small picture model: what it knows, how it was trained, and what was measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from encoders.training.pictures.backdrops import PLACES
from encoders.training.pictures.facts import WORDS
from encoders.training.pictures.subjects import COLOURS, KINDS

_TEXT = """# kadr-clip

A small picture model of kadr: pictures and Russian or English texts in one space of 256 numbers, in open_clip's format
(`local-dir:`). It was trained from scratch, on drawn scenes only, and knows nothing else: it is there so that search by
what is shown works without a download. For real films take one of the larger models (`kadr models list`).

## What it knows
- {kinds} figures: {kind_names}.
- {colours} colours: {colour_names}; one to four figures of a kind, and a second kind beside them.
- {places} places: {place_names}.
- Clear weather, rain, snow, fog and storm; day, evening and night; near and far.
- Jumping, lying upside down, taking off, landing.
- {words} words written on the picture: {word_names}.

Texts are Russian or English, from one noun to a sentence, best in the nominative: `red car in the rain`,
`две лодки на озере`; weather and light by their names alone, too: `rain`, `ночь`. Case, punctuation and the dots of ё
make no difference. `vocabulary.txt` holds the words of its captions: a search asks it for no others.

## How it was trained
`{command}`: {minutes:.0f} minutes, {steps} steps of {batch} pictures on {machine}, from seed {seed}.
Vision: a ResNet with attention pooling, 96 × 96 pixels, frames squashed to the square. Text: a transformer of two
layers over {pieces} pieces of words. Learned: the contrast of pictures with a long and a short caption in each
language, with captions that are true of several pictures left out of it, and the facts of each scene read off the same
vectors; half of the scenes of a step come in families that differ in one thing. Muon for the matrices inside the
towers, AdamW for all else. Pictures are degraded as films are: blurred, JPEG-compressed, lighter or darker, noisy,
squashed from wide or upright frames. One combination of figure, colour and place in ten was never shown; those of the
demo's films are not among these.

## What was measured
200 pictures, every one in a combination that was never shown in training; mean of 5 sets. How often is the picture that
a full caption describes the nearest to it (`python -m encoders.training.pictures.evaluate FOLDER`)?

| caption | R@1 |
|---|---|
| English (`clip_r1_en`) | {clip_r1_en:.3f} |
| Russian (`clip_r1_ru`) | {clip_r1_ru:.3f} |

Licence: Apache-2.0.
"""


@dataclass(frozen=True, slots=True)
class Run:
    """How a model was trained."""

    command: str
    minutes: float
    steps: int
    batch: int
    seed: int
    machine: str
    pieces: int


def write(folder: Path, run: Run, figures: Mapping[str, float]) -> None:
    """Writes MODEL.md; `figures` are those of `evaluate`."""
    text = _TEXT.format(
        kinds=len(KINDS),
        kind_names=", ".join(KINDS),
        colours=len(COLOURS),
        colour_names=", ".join(COLOURS),
        places=len(PLACES),
        place_names=", ".join(PLACES),
        words=2 * len(WORDS),
        word_names=", ".join(word for pair in WORDS for word in pair),
        command=run.command,
        minutes=run.minutes,
        steps=run.steps,
        batch=run.batch,
        seed=run.seed,
        machine=run.machine,
        pieces=run.pieces,
        clip_r1_en=figures["clip_r1_en"],
        clip_r1_ru=figures["clip_r1_ru"],
    )
    (folder / "MODEL.md").write_text(text, encoding="utf-8")
