"""A pack of limits of the user's own: used for the verdict, and refused with line and column where it is wrong."""

from datetime import date

import pytest

from cancel_analysis.benchmarks.judgement import judge
from cancel_analysis.benchmarks.of_shop import verdict_limits
from cancel_analysis.catalog import own_limits, policies
from cancel_analysis.catalog.shops import make_shop
from cancel_analysis.errors import SettingsError
from tests.benchmarks.test_judgement import cube, fault

HEADER = ",".join(own_limits.COLUMNS)
ROW = (
    "mine,house,US;UK,seller_fault_cancellation_rate,0,30,orders_paid,created,<=,0.01,,0,enforced,"
    "We call the warehouse.,Our own rule,,,unverified,all shops,"
)
STEP = ROW.replace(",0,30,", ",1,30,").replace("0.01", "0.02")
DAY = date(2026, 11, 15)


def written(folder, *rows, header=HEADER, encoding="utf-8"):
    path = folder / "limits.csv"
    path.write_text("\n".join([header, *rows]) + "\n", encoding=encoding)
    return path


def owner(folder, market="US"):
    return make_shop({"id": "shop", "market": market, "limits": "limits.csv", "files": "*.csv"}, folder)


def test_the_columns_are_those_of_the_catalog(project):
    catalog = (project / "cancel_analysis/catalog/data/limits.csv").read_text(encoding="utf-8")
    assert catalog.splitlines()[0] == HEADER
    rows = own_limits.own_rows(project / "cancel_analysis/catalog/data/limits.csv")
    assert len(rows) == len(catalog.splitlines()) - 1, "the catalog itself passes the check"


def test_the_own_pack_gives_the_verdict_with_its_own_confidence(tmp_path):
    written(tmp_path, ROW, STEP)
    shop = owner(tmp_path)
    (limit,) = verdict_limits(shop, DAY)
    assert (limit.value, limit.confidence, len(limit.tiers)) == (0.01, "unverified", 2)
    judgement = judge(cube(**fault(15, 1000)), shop, DAY)
    assert judgement.verdict == "breach", "1.5 % is over the house's 1 %, though under the official 2.5 %"
    assert judgement.deciding.effect == "We call the warehouse."
    official = [one for one in judgement.standings if one.limit.pack == "official"]
    assert official
    assert not any(one.gives_verdict for one in official)
    assert shop.limits == "limits.csv", "reports print the name, not where the file lies"
    assert len(verdict_limits(owner(tmp_path, "GB"), DAY)) == 1
    assert verdict_limits(owner(tmp_path, "TH"), DAY) == ()


def test_semicolons_and_a_byte_order_mark_are_read(tmp_path):
    row = ROW.replace("US;UK", "*").replace(",", ";")
    path = written(tmp_path, row, header=HEADER.replace(",", ";"), encoding="utf-8-sig")
    assert {limit.market for limit in policies.own_limits(path)} >= {"US", "TH", "SG"}


def test_dates_decide_which_limit_holds(tmp_path):
    written(tmp_path, ROW.replace(",,,unverified", ",2026-01-01,2026-06-30,unverified"))
    assert verdict_limits(owner(tmp_path), DAY) == ()
    assert len(verdict_limits(owner(tmp_path), date(2026, 6, 30))) == 1


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([ROW, ROW.replace("0.01", "2.5")], r"line 3, column 'value': must be a share between 0 and 1"),
        ([ROW.replace("0.01", "1 %")], r"line 2, column 'value'"),
        ([ROW.replace("orders_paid", "orders")], r"line 2, column 'denominator': must be one of orders_placed"),
        ([ROW.replace("seller_fault_cancellation_rate", "sfcr")], r"line 2, column 'metric'"),
        ([ROW.replace("US;UK", "US;XX")], r"line 2, column 'markets': unknown market 'XX'"),
        ([ROW.replace(",30,", ",a month,")], r"line 2, column 'window_days': must be a whole number from 1"),
        ([ROW.replace("<=", "=")], r"line 2, column 'comparison': must be <= or <"),
        ([ROW.replace("unverified", "sure")], r"line 2, column 'confidence': must be one of official"),
        ([ROW.replace("Our own rule,,", "Our own rule,1.1.2026,")], r"line 2, column 'valid_from'"),
        ([ROW.replace("Our own rule", "")], r"line 2, column 'source': must not be empty"),
        ([ROW, STEP.replace("0.02", "0.005")], r"line 3, column 'value': the steps of limit 'mine' must rise"),
        ([ROW, STEP.replace(",30,", ",7,")], r"line 3, column 'window_days'"),
        ([ROW, ROW], r"line 3, column 'tier': step 0 of limit 'mine' stands twice"),
        ([ROW + ",more"], r"line 2: 21 cells where the header has 20"),
        ([], r"holds no limit"),
    ],
)
def test_what_cannot_be_used_is_named_by_line_and_column(tmp_path, rows, told):
    path = written(tmp_path, *rows)
    with pytest.raises(SettingsError, match=told):
        own_limits.own_rows(path)


def test_a_wrong_header_and_a_missing_file_are_told(tmp_path):
    with pytest.raises(SettingsError, match=r"line 1: column 'note' is missing"):
        own_limits.own_rows(written(tmp_path, ROW, header=HEADER.removesuffix(",note")))
    (tmp_path / "limits.csv").unlink()
    (tmp_path / "orders.csv").write_text("x", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"'limits': names 'limits\.csv', but there is no such file"):
        owner(tmp_path)
