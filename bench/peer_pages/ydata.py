"""A profile of every column."""

import sys
from pathlib import Path

import pandas as pd
from ydata_profiling import ProfileReport

rows, folder = sys.argv[1:]
ProfileReport(pd.read_csv(rows), title="Orders", minimal=True, progress_bar=False).to_file(Path(folder) / "page.html")
