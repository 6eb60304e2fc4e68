"""A tear sheet of one series: sales a day, taken for returns."""

import sys
from pathlib import Path

import matplotlib
import pandas as pd

matplotlib.use("Agg")
import quantstats

rows, folder = sys.argv[1:]
orders = pd.read_csv(rows)
day = pd.to_datetime(orders["Created Time"], format="mixed").dt.normalize()
sales = orders["Order ID"].groupby(day).nunique().asfreq("D", fill_value=0).add(1).pct_change().dropna()
quantstats.reports.html(sales, output=str(Path(folder) / "page.html"), title="Orders a day")
