"""What axe-core finds on a page that is open in a browser, by the rules of WCAG 2.2 AA."""

from __future__ import annotations

from typing import Any

RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
# What lies in folds is looked at as well.
OPEN = "document.querySelectorAll('details').forEach(each => { each.open = true; })"


def violations(page: Any) -> list[str]:
    """Each rule that is broken, with how often and the first place; `page` is Playwright's, of its sync API."""
    from axe_playwright_python.sync_playwright import Axe

    page.evaluate(OPEN)
    page.wait_for_timeout(300)
    # What is in order is not told: to write down thousands of elements takes longer than to look at them.
    options = {"runOnly": {"type": "tag", "values": list(RULES)}, "resultTypes": ["violations"]}
    found = Axe().run(page, options=options).response["violations"]
    return [f"{each['id']} × {len(each['nodes'])}: {each['nodes'][0]['html'][:200]}" for each in found]
