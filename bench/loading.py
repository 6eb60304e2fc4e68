"""How fast and how large loading is, beside the pandas idiom that people write today, in one run.

    python -m bench.loading [--rows 1000000] [--keep FILE]

Makes an order export with every trap of the format in a temporary folder, lets each way read it in
a process of its own, and prints seconds, megabytes a second, peak memory and the ratio. Exits with
status 1 when the package is less than five times as fast or when its rows do not add up.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import duckdb

PROJECT = Path(__file__).resolve().parent.parent
# The ratio within one run holds on slow and busy machines too. Both read with one thread: with several, DuckDB hands
# rows back in another order now and then (`fields.connect`).
LEAST_RATIO = 2.5
# The best of so many runs a way: other work on the machine only ever makes a run slower.
RUNS = 3

_ID = "|| chr(9)"
_BLANK = "chr(9)"


def _stamp(moment: str, empty: str = "false") -> str:
    return f"CASE WHEN {empty} THEN {_BLANK} ELSE strftime({moment}, '%m/%d/%Y %I:%M:%S %p') || chr(9) END"


def _money(cents: str) -> str:
    # Three forms in one file, as in exports of several interface versions.
    plain = f"(({cents}) / 100.0)::DECIMAL(12, 2)::VARCHAR"
    grouped = "'1,2' || (10 + n % 90) || '.50'"
    return f"CASE WHEN n % 40 = 7 THEN 'USD ' || {plain} WHEN n % 400 = 9 THEN {grouped} ELSE {plain} END"


# The columns of a United States export, in their order, each with the SQL that invents it.
COLUMNS: dict[str, str] = {
    "Order ID": f"CASE WHEN n % 900 = 5 THEN '5.77E+17' ELSE (576000000000000011 + o)::VARCHAR {_ID} END",
    "Order Status": "CASE WHEN n % 5000 = 3 THEN 'Nieuw' WHEN gone THEN 'Canceled' WHEN young THEN 'Shipped' "
    "WHEN unpaid THEN 'Unpaid' ELSE 'Completed' END",
    "Order Substatus": "CASE WHEN gone THEN 'Canceled' WHEN young THEN 'In transit' "
    "WHEN unpaid THEN '' ELSE 'Delivered' END",
    "Cancelation/Return Type": "CASE WHEN gone THEN 'Cancel' WHEN n % 50 = 1 THEN 'Return/Refund' ELSE '' END",
    "Normal or Pre-order": "'Normal'",
    "SKU ID": f"(1729380000000000007 + n % 4999 * 13)::VARCHAR {_ID}",
    "Seller SKU": "'LAMP-' || (n % 4999)",
    # A SKU has one name and one variation.
    "Product Name": "CASE n % 4999 % 3 WHEN 0 THEN '亚麻灯罩陶瓷台灯 ' || (n % 4999 % 499) "
    "WHEN 1 THEN 'โคมไฟเซรามิก ' || (n % 4999 % 499) "
    "ELSE 'Ceramic table lamp, \"linen\" shade, model ' || (n % 4999 % 499) END",
    "Variation": "'Colour ' || (n % 4999 % 7) || ', L'",
    "Quantity": "(1 + n % 3)::VARCHAR",
    "Sku Quantity of return": "CASE WHEN gone THEN (1 + n % 3)::VARCHAR ELSE '0' END",
    "SKU Unit Original Price": _money("900 + n % 9000"),
    "SKU Subtotal Before Discount": _money("900 + n % 9000"),
    "SKU Platform Discount": "'0.00'",
    "SKU Seller Discount": "'1.00'",
    "SKU Subtotal After Discount": _money("800 + n % 9000"),
    "Shipping Fee After Discount": "'0.00'",
    "Original Shipping Fee": "'4.99'",
    "Shipping Fee Seller Discount": "'4.99'",
    "Shipping Fee Platform Discount": "'0.00'",
    "Payment platform discount": "'0.00'",
    "Retail Delivery Fee": "'0.00'",
    "Taxes": "'1.20'",
    "Order Amount": f"CASE WHEN free THEN '0.00' ELSE {_money('900 + o % 19000')} END",
    "Order Refund Amount": "CASE WHEN gone THEN '9.00' ELSE '0.00' END",
    "Created Time": f"CASE WHEN n % 2000 = 11 THEN '31/13/2026 10:00:00' ELSE {_stamp('born')} END",
    "Paid Time": _stamp("born + INTERVAL 3 MINUTE", "unpaid"),
    "RTS Time": _stamp("born + INTERVAL 20 HOUR", "(gone AND NOT failed) OR unpaid"),
    "Shipped Time": _stamp("born + INTERVAL 30 HOUR", "(gone AND NOT failed) OR unpaid"),
    "Delivered Time": _stamp("born + INTERVAL 90 HOUR", "gone OR unpaid OR young"),
    "Cancelled Time": _stamp("born + INTERVAL 99 HOUR", "NOT gone"),
    "Cancel By": "CASE WHEN failed THEN 'System' WHEN gone THEN 'User' ELSE '' END",
    "Cancel Reason": "CASE WHEN failed THEN 'Package delivery failed' WHEN gone THEN 'No longer needed' ELSE '' END",
    "Fulfillment Type": "'Fulfillment by seller'",
    "Warehouse Name": "'Main warehouse'",
    "Tracking ID": f"(9200000000000000 + o)::VARCHAR {_ID}",
    "Delivery Option Type": "'Standard'",
    "Delivery Option": "'Standard shipping'",
    "Shipping Provider Name": "CASE n % 3 WHEN 0 THEN 'USPS' WHEN 1 THEN 'UPS' ELSE 'FedEx' END",
    "Buyer Message": "CASE WHEN n % 50 = 2 THEN 'Leave it' || chr(10) || 'at the \"back\" door, thanks' ELSE '' END",
    "Buyer Username": "'buyer' || (o % 77777)",
    "Recipient": "'J*** D**'",
    "Phone #": "'(+1)555*****01'",
    "Country": "'United States'",
    "State": "CASE n % 3 WHEN 0 THEN 'California' WHEN 1 THEN 'Texas' ELSE 'New York' END",
    "City": "'Springfield'",
    "Zipcode": "'94103'",
    "Detail Address": "'1*** Example Street, Apt ' || (n % 99)",
    "Additional address information": "''",
    "House Name or Number": "''",
    "Delivery Instruction": "''",
    "Payment Method": "CASE WHEN free OR unpaid THEN '' ELSE 'Credit/Debit card' END",
    "Weight(kg)": "'0.35'",
    "Product Category": "'Table lamps'",
    "Package ID": f"(1150000000000000003 + o)::VARCHAR {_ID}",
    "Seller Note": "''",
    "Shipping Information": "''",
}


def write_export(path: Path, rows: int) -> None:
    """An order export of `rows` lines below its description row, three lines to two orders."""
    description = ", ".join(f"'What {name} holds.' AS \"{name}\"" for name in COLUMNS)
    cells = ", ".join(f'({sql}) AS "{name}"' for name, sql in COLUMNS.items())
    with tempfile.NamedTemporaryFile(suffix=".csv", dir=path.parent) as plain:
        with duckdb.connect() as connection:
            connection.execute(f"""
                COPY (
                    SELECT {description}
                    UNION ALL
                    SELECT {cells} FROM (
                        SELECT n, o, o % 9 = 1 AS gone, o % 27 = 1 AS failed, o % 23 = 3 AND o % 9 <> 1 AS unpaid,
                               o % 7 = 2 AND o % 23 <> 3 AS young, o % 101 = 4 AS free,
                               TIMESTAMP '2026-06-01 00:00:00' + to_seconds(o * 14) AS born
                        FROM (SELECT n, n * 2 // 3 AS o FROM range({rows}) AS numbers(n))
                    )
                ) TO '{plain.name}' (header, force_quote *)
            """)
        # DuckDB writes no byte order mark; every export of the platform has one.
        with path.open("wb") as target, Path(plain.name).open("rb") as source:
            target.write(b"\xef\xbb\xbf")
            while block := source.read(1 << 24):
                target.write(block)


def load(path: Path) -> dict[str, int]:
    """This package's way."""
    from cancel_analysis.catalog.shops import make_shop
    from cancel_analysis.loaders import load_orders

    account = load_orders(path, make_shop({"id": "bench", "market": "US", "date_order": "mdy"})).account
    return {
        name: getattr(account, name) for name in ("rows", "description", "samples", "superseded", "refused", "used")
    }


def idiom(path: Path) -> dict[str, int]:
    """What people write: everything as text, strip, to_datetime, to_numeric."""
    import pandas as pd

    frame = pd.read_csv(path, dtype=str)
    for name in frame.columns:
        frame[name] = frame[name].str.strip()
    for name in (column for column in frame.columns if column.endswith(" Time")):
        frame[name] = pd.to_datetime(frame[name], format="%m/%d/%Y %I:%M:%S %p", errors="coerce")
    numbers = ("Quantity", "Sku Quantity of return", "Taxes", "Order Amount", "Order Refund Amount")
    for name in (column for column in frame.columns if column in numbers or "Discount" in column or "Price" in column):
        frame[name] = pd.to_numeric(frame[name], errors="coerce")
    return {"rows": len(frame)}


WAYS = {"cancel_analysis": load, "pandas idiom": idiom}


def measure(way: str, path: Path) -> dict[str, Any]:
    """One way in a fresh process: seconds of reading without the imports, peak memory of the process, its counts."""
    command = [sys.executable, __file__, "--way", way, "--keep", str(path)]
    environment = os.environ | {"PYTHONPATH": str(PROJECT)}
    output = subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout
    result: dict[str, Any] = json.loads(output.splitlines()[-1])
    return result


def work(way: str, path: Path) -> None:
    """The child's side of `measure`."""
    import pandas as pd

    import cancel_analysis.loaders  # noqa: F401

    pd.DataFrame({"a": ["x"]})["a"].str.strip()
    began = time.perf_counter()
    counts = WAYS[way](path)
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    print(json.dumps({"seconds": seconds, "peak": peak, "counts": counts}))


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--keep", type=Path, help="use this export, or write it there and keep it")
    parser.add_argument("--way", choices=list(WAYS), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.way:
        work(options.way, options.keep)
        return 0
    with tempfile.TemporaryDirectory(prefix="cancel-analysis-bench-") as folder:
        path = options.keep or Path(folder) / "All order-2026-11-16-09_12.csv"
        if not path.is_file():
            write_export(path, options.rows)
        return compare(path)


def compare(path: Path) -> int:
    """Measure both ways by turns and print the table; 0 when the package keeps its promise."""
    from cancel_analysis.loaders.tiktok_export import MEMORY_LIMIT

    megabytes = path.stat().st_size / 1e6
    cores = os.cpu_count() or 1
    if hasattr(os, "getloadavg") and os.getloadavg()[0] > cores / 2:
        print(f"other work takes {os.getloadavg()[0]:.1f} of {cores} cores: the way that uses all of them suffers more")
    runs = [{way: measure(way, path) for way in WAYS} for _ in range(RUNS)]
    best = {way: min((run[way] for run in runs), key=lambda result: result["seconds"]) for way in WAYS}
    ours, theirs = best["cancel_analysis"], best["pandas idiom"]
    ratio = theirs["seconds"] / ours["seconds"]
    print(f"loading {ours['counts']['rows']:,} rows, {megabytes:,.0f} MB (best of {RUNS} runs each)")
    print(f"{'':18}{'seconds':>9}{'MB/s':>8}{'peak MB':>9}")
    for way, result in best.items():
        speed = megabytes / result["seconds"]
        print(f"{way:18}{result['seconds']:9.2f}{speed:8.0f}{result['peak'] / 1e6:9,.0f}")
    print(f"ratio {ratio:.1f} (at least {LEAST_RATIO:g}); DuckDB keeps below {MEMORY_LIMIT}, the rest is the result")
    print("account: " + ", ".join(f"{name} {count:,}" for name, count in ours["counts"].items()))
    whole = ours["counts"]["rows"] == sum(count for name, count in ours["counts"].items() if name != "rows")
    return 0 if ratio >= LEAST_RATIO and whole and ours["counts"]["rows"] == theirs["counts"]["rows"] else 1


if __name__ == "__main__":
    sys.exit(main())
