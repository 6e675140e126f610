"""Settings mean the same wherever they are read, and the README says what they are."""

from pathlib import Path

import pytest

from infra.settings_table import PARTS, START, STOP, settings_table

README = Path(__file__).parents[2] / "README.md"


def test_the_readme_has_the_table_of_settings() -> None:
    text = README.read_text()
    assert text.split(START)[1].split(STOP)[0].strip() == settings_table()


@pytest.mark.parametrize("part", [part for part in PARTS if part != "stack"])
def test_a_setting_read_by_several_parts_is_one_setting(part: str) -> None:
    stack = PARTS["stack"].model_fields
    for name, field in PARTS[part].model_fields.items():
        if name in stack:
            assert (field.default, field.description) == (stack[name].default, stack[name].description), name


def test_every_setting_says_what_it_means() -> None:
    for kind in PARTS.values():
        for name, field in kind.model_fields.items():
            assert field.description and field.description.endswith((".", ")")), name
