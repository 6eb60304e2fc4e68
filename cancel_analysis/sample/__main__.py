"""`python -m cancel_analysis.sample FOLDER`: write the sample data below FOLDER."""

from __future__ import annotations

import sys
from pathlib import Path

from cancel_analysis.sample import make_sample


def main(arguments: list[str]) -> int:
    """Exit status: 0 written, 2 wrong usage."""
    if len(arguments) != 1 or arguments[0].startswith("-"):
        print("usage: python -m cancel_analysis.sample FOLDER", file=sys.stderr)
        return 2
    folder = Path(arguments[0])
    written = make_sample(folder)
    size = sum(path.stat().st_size for path in written)
    print(f"{len(written)} files, {size / 1e6:.1f} MB, in {folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
