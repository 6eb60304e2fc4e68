"""Where the store lies and how large it may grow."""

from __future__ import annotations

import os
from pathlib import Path

from cancel_analysis.errors import SettingsError

# Name of the environment's variable: a folder, or `off` for none.
FOLDER = "CANCEL_ANALYSIS_CACHE"
# The most that it may hold, in MB.
LIMIT = "CANCEL_ANALYSIS_CACHE_MB"
OFF = "off"
# Tables of 10,000 shops of a few thousand order lines each.
DEFAULT_MEGABYTES = 2000
MEGABYTE = 1_000_000


def store_folder() -> Path | None:
    """The folder of the store, there or not: the user's cache unless the environment names another; None for `off`.

    Also None where the user has no home.
    """
    named = os.environ.get(FOLDER, "")
    if named.strip().casefold() == OFF:
        return None
    if named:
        return Path(named).expanduser().absolute()
    import platformdirs

    try:
        return platformdirs.user_cache_path("cancel-analysis", appauthor=False).absolute() / "store"
    except (OSError, RuntimeError):
        return None


def most_bytes() -> int:
    """How many bytes the store may hold; SettingsError when the environment says what is no number above 0."""
    named = os.environ.get(LIMIT, "")
    if not named:
        return DEFAULT_MEGABYTES * MEGABYTE
    try:
        megabytes = float(named)
    except ValueError:
        megabytes = 0.0
    if not 0 < megabytes < float("inf"):
        raise SettingsError(f"{LIMIT} must be a number of megabytes above 0, not {named!r}")
    return int(megabytes * MEGABYTE)
