"""The brief and the portfolio, executed and rendered, and the commands that make them."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from cancel_analysis.catalog.shops import ShopSettings, read_shop_list
from cancel_analysis.cli.commands import app
from cancel_analysis.errors import SettingsError
from cancel_analysis.report import contents as facts
from cancel_analysis.report import index, manifest, pages, plan
from cancel_analysis.report.jobs import Job
from cancel_analysis.report.pages import Made
from tests.report import samples

NAMES = ("Harbor Home", "Linen Lane", "Siam Beauty", "Saigon Shoes", "Toko Gadget", "Orchid Import 兰花进口")


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pages")


@pytest.fixture(scope="module")
def brief(sample: Path, out: Path) -> Made:
    return pages.make(pages.page("brief", sample), out, renderer="builtin")


@pytest.fixture(scope="module")
def portfolio(sample: Path, out: Path) -> Made:
    return pages.make(pages.page("portfolio", sample, parameters={"week": "2026-W46"}), out, renderer="builtin")


def test_the_brief_lies_by_its_day(brief: Made, out: Path) -> None:
    assert brief.folder == out / "brief" / "2026-11-15"
    assert {path.name for path in brief.folder.iterdir()} == {
        "brief.html", "brief.pdf", "brief.xlsx", "brief.txt", "brief.ipynb", "report.json", "tables",
    }  # fmt: skip
    assert brief.first.name == "brief.html"
    assert not (out / ".work").exists()


def test_the_brief_names_every_shop_and_both_clocks(brief: Made) -> None:
    page = (brief.folder / "brief.html").read_text(encoding="utf-8")
    for name in NAMES:
        assert name in page
    assert "04:00 UTC" in page
    assert "Asia/Bangkok" in page
    assert "14 Nov 2026 20:00 to 15 Nov 2026 20:00" in page, "the platform's day in Los Angeles"
    assert "Morning brief" in page
    assert "Week 2026-W46" not in page, "the brief is about a day"
    assert (brief.folder / "brief.pdf").read_bytes().startswith(b"%PDF")


def test_the_chat_text_is_plain_and_short(brief: Made) -> None:
    text = (brief.folder / "brief.txt").read_text(encoding="utf-8")
    assert len(text) <= 1501
    assert text.startswith("Cancellations yesterday, 15 Nov 2026\n")
    for name in NAMES:
        assert name in text
    assert not re.search(r"[<>*`|#]", text)


def test_the_portfolio_lies_beside_the_weeks_reports(portfolio: Made, out: Path) -> None:
    assert portfolio.folder == out / "2026-W46" / "portfolio"
    report = facts.read(portfolio.folder)
    assert report["page"]["kind"] == "portfolio"
    assert [one["shop"] for one in report["shops"]][:2] == ["th-siam-beauty", "id-toko-gadget"]
    page = (portfolio.folder / "portfolio.html").read_text(encoding="utf-8")
    assert page.index("Siam Beauty") < page.index("Harbor Home")
    assert "Amounts of two currencies are never added." in page
    assert {"portfolio_shops.csv", "causes.csv", "movers.csv", "funnel.csv"} <= {
        path.name for path in (portfolio.folder / "tables").iterdir()
    }


def test_pages_load_nothing_and_name_no_folder(brief: Made, portfolio: Made, sample: Path) -> None:
    for path in (brief.folder / "brief.html", portfolio.folder / "portfolio.html"):
        page = re.sub(r"<script.*?</script>", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        assert not re.findall(r'src="(?!data:)[^"]+"', page)
        # What the page links to lies beside it: its PDF and the index.
        linked = set(re.findall(r'href="(?!#)([^"]+)"', page))
        assert linked <= {f"{path.stem}.pdf", f"{path.stem}.xlsx", "../../index.html"}
    for folder in (brief.folder, portfolio.folder):
        for path in folder.rglob("*"):
            if path.suffix in (".json", ".csv", ".txt", ".ipynb", ".html"):
                assert str(sample.parent) not in path.read_text(encoding="utf-8"), path.name


def test_every_figure_of_a_table_is_in_the_report(portfolio: Made) -> None:
    report = facts.read(portfolio.folder)
    files = {entry["file"] for entry in report["exhibits"] if "file" in entry}
    assert files
    assert all((portfolio.folder / file).is_file() for file in files)


def test_the_first_screen_is_a_finding_and_tables_are_folded(brief: Made, portfolio: Made) -> None:
    for made, lead in ((brief, "3 of 6 shops need something"), (portfolio, "2 of 6 shops are over a limit")):
        # Scripts before and after know tables, too.
        page = made.first.read_text(encoding="utf-8").partition("<main")[2].partition("</main>")[0]
        assert f'<p class="headline tone-breach">{lead}' in page
        body, _, folded = page.partition("<details")
        assert "<table" not in body
        assert "<table" in folded
        assert body.index('class="tiles"') < body.index('class="chart"') < body.index('class="shop-rows"')
        assert page.count('<li class="shop-row ') == 6


def test_a_line_leads_to_the_report_that_was_made_before(sample: Path, tmp_path: Path) -> None:
    report = tmp_path / "2026-W46" / "id-toko-gadget"
    report.mkdir(parents=True)
    (report / "report.html").write_text("", encoding="utf-8")
    shop = next(shop for shop in read_shop_list(sample).shops if shop.id == "id-toko-gadget")
    job = Job(shop, "2026-W46", sample, formats=("html",))
    manifest.write(tmp_path, [manifest.entry(job, "", "", "")])
    for name in ("brief", "portfolio"):
        made = pages.make(pages.page(name, sample, formats=("html",)), tmp_path, renderer="builtin")
        (link,) = re.findall(r'href="([^"#]*report.html)"', made.first.read_text(encoding="utf-8"))
        assert (made.folder / link).resolve() == (report / "report.html").resolve()
        assert not (made.folder / "reports.json").exists()


def test_the_index_takes_a_page_for_no_shop(portfolio: Made, out: Path) -> None:
    path = index.write(out)
    assert "All shops" not in path.read_text(encoding="utf-8")
    path.unlink()


def test_a_page_is_replaced_whole(sample: Path, out: Path, brief: Made) -> None:
    (brief.folder / "left-over.txt").write_text("x", encoding="utf-8")
    again = pages.make(pages.page("brief", sample, formats=("html",)), out, renderer="builtin")
    assert again.folder == brief.folder
    assert {path.name for path in again.folder.iterdir()} == {
        "brief.html", "brief.xlsx", "brief.txt", "brief.ipynb", "report.json", "tables",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "settings", "told"),
    [
        ("weekly", {}, "no page 'weekly'; there are brief, portfolio"),
        ("brief", {"language": "xx"}, "no report language 'xx'"),
        ("brief", {"formats": ("docx",)}, "not docx"),
        ("brief", {"parameters": {"week": "2026-W46"}}, "unknown parameter 'week'"),
        ("portfolio", {"parameters": {"period_days": "30"}}, "'period_days' must be of the kind"),
    ],
)
def test_what_cannot_be_used_is_refused(sample: Path, name: str, settings: dict[str, object], told: str) -> None:
    with pytest.raises(SettingsError, match=told):
        pages.page(name, sample, **settings)  # type: ignore[arg-type]


def test_no_shop_may_take_the_place_of_the_page(tmp_path: Path) -> None:
    notebook = samples.write(tmp_path / "sample.ipynb")
    shops = [ShopSettings("Portfolio", "US", "x", "USD", "UTC")]
    with pytest.raises(SettingsError, match="give it another id"):
        plan.plan(shops, tmp_path, "2026-W46", notebook=notebook)


# --- the commands --------------------------------------------------------------------------------


@pytest.fixture
def damaged(sample: Path, tmp_path: Path) -> Path:
    """Two sample shops, one with a file that is no export."""
    settings = yaml.safe_load((sample / "shops.yaml").read_text(encoding="utf-8"))
    settings["shops"] = [one for one in settings["shops"] if one["id"] in ("sg-orchid-import", "us-harbor-home")]
    folder = tmp_path / "data"
    shutil.copytree(sample / "sg-orchid-import", folder / "sg-orchid-import")
    (folder / "us-harbor-home").mkdir()
    (folder / "us-harbor-home" / "orders.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    (folder / "shops.yaml").write_text(yaml.safe_dump(settings, allow_unicode=True), encoding="utf-8")
    return folder


def run(*arguments: str | Path) -> tuple[int, str]:
    result = CliRunner(env={"COLUMNS": "300"}).invoke(app, [str(one) for one in arguments])
    return result.exit_code, result.output


@pytest.mark.parametrize("command", ["brief", "portfolio"])
def test_a_bad_shop_is_named_and_the_page_is_made(command: str, damaged: Path, tmp_path: Path) -> None:
    status, told = run(
        command, "--data", damaged, "--out", tmp_path / "out", "--formats", "html", "--renderer", "builtin"
    )
    assert status == 1, told
    assert "us-harbor-home: " in told
    (page,) = (tmp_path / "out").rglob(f"{command}.html")
    text = page.read_text(encoding="utf-8")
    assert "Orchid Import" in text
    assert "Could not be read" in text
    report = json.loads((page.parent / "report.json").read_text(encoding="utf-8"))
    assert [one["shop"] for one in report["failed"]] == ["us-harbor-home"]
    if command == "brief":
        assert (page.parent / "brief.txt").read_text(encoding="utf-8").splitlines()[0] in told


@pytest.mark.parametrize(
    "arguments",
    [
        ("brief", "--day", "yesterday"),
        ("brief", "--shops", "nobody"),
        ("brief", "--data", "no-such-folder"),
        ("brief", "--lang", "tlh"),
        ("portfolio", "--week", "2026-W54"),
        ("portfolio", "--formats", "docx"),
        ("portfolio", "--renderer", "word"),
    ],
    ids=" ".join,
)
def test_wrong_usage_is_a_message_and_status_2(
    arguments: tuple[str, ...], project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project)
    status, told = run(arguments[0], "--out", tmp_path, *arguments[1:])
    assert status == 2, told
    assert "Traceback" not in told
    assert not list(tmp_path.rglob("report.json"))
