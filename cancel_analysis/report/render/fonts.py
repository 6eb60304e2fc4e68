"""The fonts of this machine, as Typst sees them: the text's own and one for each writing system."""

from __future__ import annotations

import typst

from cancel_analysis.report.render import scripts
from cancel_analysis.report.show import theme
from cancel_analysis.report.thread_cache import cached_across_threads

# Typst carries this one itself; a serif, but always there.
_LAST_RESORT = "Libertinus Serif"


@cached_across_threads
def there() -> typst.Fonts:
    """All fonts, searched for once a process."""
    return typst.Fonts()


@cached_across_threads
def families() -> frozenset[str]:
    return frozenset(there().families())


def for_text() -> tuple[str, ...]:
    """The families for text in the order of choice, only those that are there."""
    wanted = dict.fromkeys((*theme.FONTS, *scripts.FONTS))
    return tuple(font for font in wanted if font in families()) or (_LAST_RESORT,)
