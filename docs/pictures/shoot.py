"""Take the pictures of these pages anew from a report: run it when the report looks different.

    make report SHOPS=id-toko-gadget
    .venv/bin/python docs/pictures/shoot.py reports/out/*/id-toko-gadget/report.html

Needs Playwright (the set of the tests) and a Chromium; `CHROMIUM` names one that is not on the path.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

HERE = Path(__file__).resolve().parent
# Picture → the exhibit of the report that it shows.
EXHIBITS = {
    "limits": "limits",
    "over_time": "over_time",
    "breakdown": "breakdown",
    "control_chart": "control_chart",
    "diagnosis": "triage_steps",
    "returns_to_come": "returns_to_come",
    "fixes": "fixes_worth",
}
WIDTH, SCREEN, MARGIN, LARGEST = 1120, 740, 16, 150_000  # pixels, pixels, pixels, bytes


def shoot(page: Page, name: str, top: float, height: float) -> None:
    """One strip of the page, `height` pixels from `top` on, as NAME.png."""
    path = HERE / f"{name}.png"
    page.screenshot(path=path, full_page=True, clip={"x": 0, "y": top, "width": WIDTH, "height": height})
    size = path.stat().st_size
    print(f"{path.name}: {size / 1000:.0f} kB" + (", larger than it should be" if size > LARGEST else ""))


def main(report: Path) -> int:
    browser = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        page = chromium.new_page(viewport={"width": WIDTH, "height": 1000})
        page.goto(report.resolve().as_uri())
        page.wait_for_timeout(2000)  # the live charts take the places of the still ones
        shoot(page, "report", 0, SCREEN)
        page.evaluate("document.querySelectorAll('details').forEach(fold => { fold.open = true; })")
        page.wait_for_timeout(1000)
        for name, exhibit in EXHIBITS.items():
            box = page.locator(f"#exhibit-{exhibit}").bounding_box()
            if box is None:
                print(f"{report} has no exhibit {exhibit}: {name}.png stays as it is", file=sys.stderr)
                return 1
            shoot(page, name, box["y"] - MARGIN, box["height"] + 2 * MARGIN)
        chromium.close()
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(f"usage: {Path(__file__).name} REPORT.html")
    sys.exit(main(Path(sys.argv[1])))
