# ruff: noqa: E501 - the cells of a notebook read better whole
"""A small notebook that shows one exhibit of every kind, and names that try to break out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat

from cancel_analysis.catalog.shops import ShopSettings
from cancel_analysis.report.jobs import Job

HOSTILE = (
    "</script><script>window.broken=1</script>",
    "#panic(1) $x$ @y *z* _a_ <b>",
    "````{=html}\n<b>x</b>\n````",
    "quote \" and ' and \\ and `tick`",
    "{{< include /etc/hostname >}}",
    "=HYPERLINK(1)",
    "广州外贸小店 上海",
    "ร้านค้าสยาม ความงาม",
)

FRONT = """---
title: "Cancellations and returns"
---"""
PARAMETERS = """shop = ""
week = ""
data = ""
lang = "en"
mode = "lab"
work = "."
period_days = 30
rows = 6"""
SETUP = """import altair as alt
import pandas as pd
from cancel_analysis.exhibits.kinds import ColumnView, Line, Picture, Prose, Section, TableView
from cancel_analysis.report.show import output
HOSTILE = @HOSTILE@
output.start(mode, work, lang)
print("a line on stdout")"""
VERDICT = """output.show(Prose("verdict", (
    Line("Over a limit", "verdict", "breach"),
    Line("The order cancellation rate of the last 30 days is 4.1 %, over the limit of 2.5 % (41 of 1,000 orders).", "finding", "breach"),
    Line("It may be luck: the interval of the underlying rate, 3.0 % to 5.5 %, does not reach the limit."),
    Line("Synchronise the stock of four SKUs: they caused 31 of 41 cancellations by the seller.", "action"),
    Line("Ship before noon on Mondays.", "action"),
    Line("Three reasons are in no catalog and are counted as unknown.", "warning"),
    Line("Rates by order date.", "note"),
    *[Line(f"Plain: {name}") for name in HOSTILE],
)))"""
TABLE = """frame = pd.DataFrame({
    "product": [HOSTILE[i % len(HOSTILE)] for i in range(rows)],
    "sku": [f"17292{i:013d}" for i in range(rows)],
    "items": [1200 + i for i in range(rows)],
    "share": [0.123 / (i + 1) for i in range(rows)],
    "loss": [-5.5 * i for i in range(rows)],
    "day": pd.date_range("2026-11-01", periods=rows),
    "standing": [("breach", "watch", "ok", "cannot_tell")[i % 4] for i in range(rows)],
})
columns = (
    ColumnView("product", "Product"), ColumnView("sku", "SKU", "id"), ColumnView("items", "Items", "integer"),
    ColumnView("share", "Share of items", "percent"), ColumnView("loss", "Loss", "money"),
    ColumnView("day", "Day", "date"), ColumnView("standing", "Standing", "verdict"),
)
output.show(TableView("products", "Products by items lost", frame, columns, currency="USD", note="Samples are left out.", most_rows=30))
wide = pd.DataFrame({f"c{i}": [i * 1234.5, i * 99.0] for i in range(16)} | {"name": ["first row", "second row"]})
output.show(TableView("wide", "A table of many columns", wide, (ColumnView("name", "Name"), *[ColumnView(f"c{i}", f"Column {i}", "money") for i in range(16)]), currency="USD"))
output.show(TableView("nothing", "Unknown reasons", frame.head(0), columns, empty="Every reason is known."))"""
CHART = """small = pd.DataFrame({"stage": [s for s in ("unpaid", "cancellation", "refund") for _ in HOSTILE], "reason": list(HOSTILE) * 3, "items": range(1, 3 * len(HOSTILE) + 1)})
pick = alt.selection_point(fields=["stage"], name="pick")
stages = alt.Chart(small).mark_bar().encode(x=alt.X("sum(items):Q", title="Items"), y=alt.Y("stage:N", title=None), opacity=alt.condition(pick, alt.value(1), alt.value(0.3))).add_params(pick).properties(height=90, width=480)
reasons = alt.Chart(small).mark_bar().encode(x=alt.X("sum(items):Q", title="Items"), y=alt.Y("reason:N", title=None, sort="-x")).properties(height=200, width=480)
output.show(Section("stages", (Picture("stages", "Where items are lost & why", 'Bars: items by stage, then by reason "as given"', stages & reasons.transform_filter(pick), small, still=reasons, note="Unpaid orders are left out.", how="Choose a stage to filter the reasons."),)))
days = pd.DataFrame({"day": pd.date_range("2026-10-01", periods=46).astype(str), "rate": [0.01 + 0.001 * (i % 17) for i in range(46)]})
line = alt.Chart(days).mark_line().encode(x=alt.X("day:T", title=None), y=alt.Y("rate:Q", title="Order cancellation rate", axis=alt.Axis(format="%")))
output.show(Picture("rates", "Order cancellation rate, rolling 30 days", "A line that rises and falls between 1 % and 3 %", line, days))"""
FINISH = """output.finish({"shop": {"id": shop, "name": f"Shop {shop}", "market": "US", "synthetic": True}, "week": week, "as_of": "2026-11-15",
  "verdict": "breach", "headline": "Over the order cancellation limit: 41 of 1,000 orders.",
  "rates": [{"name": "order_cancellation_rate", "label": "Order cancellation rate", "value": 0.041, "numerator": 41, "denominator": 1000, "low": 0.03, "high": 0.055}],
  "findings": ["Four SKUs without stock."], "parameters": {"shop": shop, "week": week, "period_days": period_days}})"""


def job(folder: Path, shop: str = "us-shop", **settings: Any) -> Job:
    """A job for the sample notebook, written into `folder`; `settings` replace fields of the job."""
    shop_of_job = ShopSettings(shop, "US", f"Shop {shop}", "USD", "America/New_York")
    path = folder / "sample.ipynb"
    if not path.exists():
        write(path)
    values: dict[str, Any] = {"shop": shop_of_job, "week": "2026-W46", "data": folder, "notebook": path, **settings}
    return Job(**values)


def notebook(*, extra: str = "") -> nbformat.NotebookNode:
    """The notebook; `extra` is the code of one more cell before the end."""
    code = nbformat.v4.new_code_cell
    text = nbformat.v4.new_markdown_cell
    cells = [
        nbformat.v4.new_raw_cell(FRONT, id="front"),
        code(PARAMETERS, id="parameters", metadata={"tags": ["parameters"]}),
        code(SETUP.replace("@HOSTILE@", repr(HOSTILE)), id="setup"),
        text("## Verdict and what to do first\n\nRead this *first*.", id="head-verdict"),
        code(VERDICT, id="verdict"),
        text("## Products\n\nWhat the items were.\n\n### By items", id="head-products"),
        code(TABLE, id="products"),
        text("## Stages and reasons", id="head-stages"),
        code(CHART, id="stages"),
        *([code(extra, id="extra")] if extra else []),
        text("## Method and data", id="head-method"),
        code(FINISH, id="finish"),
    ]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    return nbformat.v4.new_notebook(cells=cells, metadata={**kernel, "language_info": {"name": "python"}})


def write(path: Path, **options: str) -> Path:
    nbformat.write(notebook(**options), path)
    return path
