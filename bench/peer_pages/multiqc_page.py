"""A page of tables and bars of what the rows were counted to."""

import subprocess
import sys
from pathlib import Path

import pandas as pd

HEAD = """# id: '{id}'
# section_name: '{name}'
# plot_type: '{kind}'
# pconfig:
#     id: '{id}_plot'
#     title: '{name}'
"""

rows, folder = sys.argv[1:]
orders = pd.read_csv(rows)
given = Path(folder) / "given"
given.mkdir()
week = pd.to_datetime(orders["Created Time"], format="mixed").dt.strftime("%G-W%V").rename("Week")
tables = {
    "weeks": ("bargraph", pd.crosstab(week, orders["Order Status"])),
    "products": ("bargraph", pd.crosstab(orders["Product Name"].rename("Product"), orders["Order Status"])),
    "reasons": ("table", pd.crosstab(orders["Cancel Reason"].rename("Reason"), orders["Cancel By"])),
}
for name, (kind, table) in tables.items():
    head = HEAD.format(id=name, name=name.title(), kind=kind)
    (given / f"{name}_mqc.tsv").write_text(head + table.to_csv(sep="\t"), encoding="utf-8")
multiqc = Path(sys.executable).parent / "multiqc"
subprocess.run([multiqc, given, "--outdir", folder, "--filename", "page.html", "--quiet"], check=True)
