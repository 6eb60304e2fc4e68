"""A shop whose products are named to break whoever prints them; the sample's own names are harmless."""

from __future__ import annotations

import shutil
from pathlib import Path

# Of the sample shop → what stands in its place. Names that a spreadsheet, a page, a PDF or a shell may take for code.
NAMES = {
    "Storm Lantern, tall": "Lantern </script><script>alert(1)</script>, tall",
    "Rope Doormat 45x75": "Doormat #panic(1) $x$ @y",
    "1+1 Coaster Pack": "=1+1 Coaster Pack",
    "Waffle Dish Towel Set": "{{< include /etc/hostname >}} ````{=html}",
    "Enamel Camp Mug 12 oz": "../../Mug %n ${HOME} `id`",
}
SHOP = "us-harbor-home"


def write(sample: Path, folder: Path) -> Path:
    """A copy of one sample shop below `folder` with hostile names in all of its files; the data folder."""
    target = folder / "data" / SHOP
    shutil.copytree(sample / SHOP, target)
    (folder / "data" / "shops.yaml").write_text(
        f"shops:\n  - id: {SHOP}\n    name: Harbor Home\n    market: US\n", encoding="utf-8"
    )
    for path in target.iterdir():
        text = path.read_bytes().decode("utf-8-sig" if path.suffix == ".csv" else "utf-8")
        for plain, hostile in NAMES.items():
            text = text.replace(plain, hostile)
        path.write_bytes(text.encode("utf-8"))
    return folder / "data"
