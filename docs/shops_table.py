"""Writes the table of keys in shops.md from the descriptions of the settings' model: python docs/shops_table.py"""

from __future__ import annotations

from pathlib import Path

from cancel_analysis.catalog.settings_model import ShopEntry

PAGE = Path(__file__).with_name("shops.md")
HEADER = "| key | says | type | default | example |"


def table() -> str:
    """The table, a row a key, in the order of the model."""
    lines = [HEADER, "|---|---|---|---|---|"]
    for name, field in ShopEntry.model_fields.items():
        extra = field.json_schema_extra
        assert isinstance(extra, dict), name
        # A default is a value of the model, or said in words where something else gives it.
        default = extra.get("otherwise") or f"`{str(field.default).lower()}`"
        lines.append(f"| `{name}` | {field.description} | {extra['type']} | {default} | `{extra['example']}` |")
    return "\n".join(lines) + "\n"


def written() -> str:
    """The page with its table made anew."""
    text = PAGE.read_text(encoding="utf-8")
    start = text.index(HEADER)
    return text[:start] + table() + text[text.index("\n\n", start) + 1 :]


if __name__ == "__main__":
    PAGE.write_text(written(), encoding="utf-8")
