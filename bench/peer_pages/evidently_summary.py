"""A summary of every column."""

import sys
from pathlib import Path

import pandas as pd
from evidently import Dataset, Report
from evidently.presets import DataSummaryPreset

rows, folder = sys.argv[1:]
made = Report([DataSummaryPreset()]).run(Dataset.from_pandas(pd.read_csv(rows)), None)
made.save_html(str(Path(folder) / "page.html"))
