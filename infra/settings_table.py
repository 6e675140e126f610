"""The README's table of settings, made from the settings classes: `python -m infra.settings_table`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings

from encoders.settings import EncoderSettings
from infra.settings import PREFIX, StackSettings
from search_api.settings import SearchSettings
from stream.settings import StreamSettings

START, STOP = "<!-- settings: start -->", "<!-- settings: stop -->"
PARTS: dict[str, type[BaseSettings]] = {
    "stack": StackSettings,
    "worker": StreamSettings,
    "encoder": EncoderSettings,
    "api": SearchSettings,
}


def settings_table() -> str:
    """Returns the table as Markdown: a row per variable, with its default, who reads it and what it means."""
    rows: dict[str, tuple[FieldInfo, list[str]]] = {}
    for part, kind in PARTS.items():
        for name, field in kind.model_fields.items():
            rows.setdefault(name, (field, []))[1].append(part)
    lines = ["| variable | default | read by | meaning |", "|---|---|---|---|"]
    for name, (field, readers) in rows.items():
        default = _default(field)
        lines.append(f"| `{PREFIX}{name.upper()}` | {default} | {', '.join(readers)} | {field.description} |")
    return "\n".join(lines)


def write_into(readme: Path) -> None:
    """Replaces the table between its markers in a README."""
    text = readme.read_text()
    before, rest = text.split(START)
    after = rest.split(STOP)[1]
    readme.write_text(f"{before}{START}\n{settings_table()}\n{STOP}{after}")


def _default(field: FieldInfo) -> str:
    if field.default_factory is not None:
        return "computed"
    return f"`{shown}`" if (shown := ",".join(_shown(field.default))) else ""


def _shown(default: Any) -> Iterator[str]:
    match default:
        case SecretStr():
            yield default.get_secret_value()
        case tuple():
            yield from map(str, default)
        case dict():
            yield from (f"{name}={value}" for name, value in default.items())
        case None:
            yield ""
        case _:
            yield str(default)


if __name__ == "__main__":
    write_into(Path("README.md"))
