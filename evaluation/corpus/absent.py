"""Queries about what the world of the films does not hold at all."""

from __future__ import annotations

from collections.abc import Mapping

from encoders.training.pictures.captions import Language

_PAIRS = (
    ("volcano eruption", "извержение вулкана"),
    ("dinosaur skeleton", "скелет динозавра"),
    ("solar eclipse", "солнечное затмение"),
    ("brain surgery", "операция на мозге"),
    ("quantum computing", "квантовые вычисления"),
    ("knitting tutorial", "уроки вязания"),
    ("stock exchange crash", "обвал на бирже"),
    ("sumo wrestling", "борьба сумо"),
    ("octopus", "осьминог"),
    ("penguin colony", "колония пингвинов"),
    ("tax declaration", "налоговая декларация"),
    ("bagpipes", "волынка"),
    ("sushi", "суши"),
    ("archaeology", "археология"),
    ("yoga", "йога"),
    ("crocodile", "крокодил"),
    ("laser welding", "лазерная сварка"),
    ("Napoleon Bonaparte", "Наполеон Бонапарт"),
    ("Egyptian pyramids", "египетские пирамиды"),
)
UNKNOWN: tuple[Mapping[Language, str], ...] = tuple({"en": en, "ru": ru} for en, ru in _PAIRS)
