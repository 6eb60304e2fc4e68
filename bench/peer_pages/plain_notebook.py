"""The plain way: a notebook of tables and charts, the `papermill` command, then `nbconvert`."""

import subprocess
import sys
from pathlib import Path

import nbformat

CELLS = (
    "import pandas as pd\nimport matplotlib.pyplot as plt\norders = pd.read_csv(path)\n"
    "orders['Created Time'] = pd.to_datetime(orders['Created Time'], format='mixed')\n"
    "gone = orders['Order Status'].str.contains('Cancel', na=False)",
    "orders.groupby('Order Status')['Order ID'].nunique().to_frame('orders')",
    "orders[gone].groupby(['Cancel By', 'Cancel Reason'])['Order ID'].nunique().sort_values(ascending=False)"
    ".to_frame('orders')",
    "week = orders['Created Time'].dt.to_period('W').dt.start_time\n"
    "rate = gone.groupby(week).mean()\nrate.plot(title='Share of cancelled lines a week')\nplt.show()",
    "gone.groupby(orders['Product Name']).mean().nlargest(10).plot.barh(title='Products')\nplt.show()",
    "orders.describe(include='all').T",
)


def main(rows: str, folder: str) -> None:
    source, executed = Path(folder) / "plain.ipynb", Path(folder) / "executed.ipynb"
    parameters = nbformat.v4.new_code_cell("path = ''", metadata={"tags": ["parameters"]})
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    cells = [parameters, *map(nbformat.v4.new_code_cell, CELLS)]
    notebook = nbformat.v4.new_notebook(cells=cells, metadata=kernel)
    nbformat.write(notebook, source)
    scripts = Path(sys.executable).parent
    papermill = [scripts / "papermill", source, executed, "-p", "path", rows, "--no-progress-bar"]
    subprocess.run(papermill, check=True)
    subprocess.run([scripts / "jupyter-nbconvert", "--to", "html", executed, "--output", "page.html"], check=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
