"""The documents: links lead somewhere, examples run, every public name has its place, pictures match the code."""

from __future__ import annotations

import ast
import importlib.util
import inspect
import re
import runpy
import shutil
import subprocess
import sys
import tomllib
import unicodedata
from collections.abc import Callable, Iterator
from functools import cache, cached_property, wraps
from html.parser import HTMLParser
from pathlib import Path
from types import FunctionType
from typing import Any
from urllib.parse import unquote

import pytest
import yaml

from cancel_analysis.catalog.mapping.mappings import shipped

PROJECT = Path(__file__).resolve().parent.parent
DOCS = PROJECT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
FILES = [*(PROJECT / name for name in ("README.md", "README.zh.md", "CONTRIBUTING.md", "CHANGELOG.md")), *PAGES]
LARGEST_PICTURE = 150_000  # bytes
MOST_LINES_OF_README = 120


def name_of(path: Path) -> str:
    return path.relative_to(PROJECT).as_posix() if path.is_relative_to(PROJECT) else path.name


def site_settings() -> dict[str, Any]:
    return tomllib.loads((PROJECT / "zensical.toml").read_text(encoding="utf-8"))["project"]


# --- links -----------------------------------------------------------------------------------

FENCE = re.compile(
    r"^(?P<indent> *)(?P<mark>`{3,})(?P<info>[^\n]*)\n(?P<code>.*?)^(?P=indent)(?P=mark) *$", re.M | re.S
)
LINK = re.compile(r"\[(?:[^\]\[]|\[[^\]]*\])*\]\(<?([^)<>\s]+)>?(?:\s+\"[^\"]*\")?\)")


def prose(path: Path) -> str:
    """A page without its blocks of code and its code in the line."""
    return re.sub(r"`[^`\n]*`", "", FENCE.sub("", path.read_text(encoding="utf-8")))


def slug_of_site(heading: str) -> str:
    """The anchor that Python-Markdown makes of a heading."""
    plain = unicodedata.normalize("NFKD", heading).encode("ascii", "ignore").decode("ascii")
    return re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", plain).strip().lower())


def slug_of_forge(heading: str) -> str:
    """The anchor that GitHub and its likes make of a heading."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


@cache
def anchors(path: Path) -> frozenset[str]:
    """Anchors that are there both on the site and where the Markdown itself is shown."""
    text = FENCE.sub("", path.read_text(encoding="utf-8"))
    headings = [re.sub(r"[`*]", "", heading) for heading in re.findall(r"^#{1,6} +(.+?) *$", text, re.MULTILINE)]
    return frozenset(map(slug_of_site, headings)) & frozenset(map(slug_of_forge, headings))


def dead_links(path: Path) -> Iterator[str]:
    for target in LINK.findall(prose(path)):
        if re.match(r"[a-z]+:", target):
            continue
        where, _, anchor = unquote(target).partition("#")
        goal = (path.parent / where).resolve() if where else path
        if not goal.exists():
            yield f"{target}: there is no such file"
        elif path.is_relative_to(DOCS) and not goal.is_relative_to(DOCS):
            yield f"{target} leaves docs/, so the site does not have it: name the file in `code` instead"
        elif anchor and anchor not in anchors(goal):
            yield f"{target}: no such heading in {name_of(goal)}"


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_links_lead_somewhere(path: Path) -> None:
    assert list(dead_links(path)) == []


def test_a_dead_link_is_told(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# One thing\n[a](no.md) [b](page.md#one-thing) [c](#other) `[d](no.md)`\n```\n[e](no.md)\n```\n")
    assert list(dead_links(page)) == ["no.md: there is no such file", "#other: no such heading in page.md"]


def test_every_page_is_in_the_menu_of_the_site() -> None:
    def listed(entry: Any) -> Iterator[str]:
        if isinstance(entry, str):
            yield entry
        else:
            for part in entry.values() if isinstance(entry, dict) else entry:
                yield from listed(part)

    menu = list(listed(site_settings()["nav"]))
    assert sorted(menu) == sorted(path.relative_to(DOCS).as_posix() for path in PAGES)


def test_every_picture_is_shown_and_small() -> None:
    shown = {
        (path.parent / target).resolve()
        for path in FILES
        for target in LINK.findall(prose(path))
        if target.endswith((".png", ".svg"))
    }
    pictures = {path for path in DOCS.rglob("*") if path.suffix in (".png", ".svg")}
    assert shown == pictures
    assert {name_of(path): path.stat().st_size for path in pictures if path.stat().st_size > LARGEST_PICTURE} == {}


def test_the_readme_is_short() -> None:
    assert len((PROJECT / "README.md").read_text(encoding="utf-8").splitlines()) < MOST_LINES_OF_README


# --- examples --------------------------------------------------------------------------------

NOT_RUN = re.compile(r"<!-- not run: .+ -->\s*\Z")


def examples(path: Path) -> list[tuple[int, str]]:
    """The Python blocks of a page that are to run, each with the line on which its code begins."""
    text = path.read_text(encoding="utf-8")
    found = []
    for block in FENCE.finditer(text):
        if block["info"].strip() == "python" and not NOT_RUN.search(text[: block.start()]):
            code = re.sub(rf"^{block['indent']}", "", block["code"], flags=re.MULTILINE)
            found.append((text[: block.start("code")].count("\n") + 1, code))
    return found


# The quick suite runs the README's lines; they stand for the others there.
WITH_EXAMPLES = [
    pytest.param(path, id=name_of(path), marks=() if path.name == "README.md" else pytest.mark.slow)
    for path in FILES
    if examples(path)
]


def run(code: str, path: Path, line: int, names: dict[str, Any]) -> None:
    """Run a block; what stands on a line by itself is also shown, as the last line of a notebook cell is."""
    tree = ast.parse("\n" * (line - 1) + code, filename=name_of(path))
    for statement in tree.body:
        if isinstance(statement, ast.Expr):
            value = eval(compile(ast.Expression(statement.value), name_of(path), "eval"), names)
            for shown in value if isinstance(value, tuple) else (value,):
                show(shown)
        else:
            exec(compile(ast.Module([statement], []), name_of(path), "exec"), names)


def show(value: Any) -> None:
    """What a notebook asks a value for."""
    if value is not None:
        assert repr(value)
        for name in ("_repr_mimebundle_", "_repr_html_"):
            if hasattr(type(value), name):
                getattr(value, name)()
                return


@pytest.fixture(scope="module")
def folder_of_examples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as the pages speak of it: `exports/` of one shop, `data/` of two, with a shops.yaml and other files."""
    folder = tmp_path_factory.mktemp("examples")
    sample = PROJECT / "data" / "sample"
    no_truth = shutil.ignore_patterns("truth.json")
    shutil.copytree(sample / "id-toko-gadget", folder / "exports", ignore=no_truth)
    for name in ("id-toko-gadget", "sg-orchid-import"):
        shutil.copytree(sample / name, folder / "data" / name, ignore=no_truth)
    # As in a clone of the project.
    shutil.copytree(sample / "other", folder / "data" / "sample" / "other", ignore=no_truth)
    settings = yaml.safe_load((sample / "shops.yaml").read_text(encoding="utf-8"))
    settings["shops"] = [shop for shop in settings["shops"] if (folder / "data" / shop["id"]).is_dir()]
    (folder / "data" / "shops.yaml").write_text(yaml.safe_dump(settings, allow_unicode=True), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def opened_once() -> Iterator[None]:
    """Each shop is opened once for all pages, which look at shops and change none; `exports/` is a sample shop, too."""
    import cancel_analysis as ca

    seen: dict[str, Any] = {}

    def kept(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def call(*arguments: Any, **options: Any) -> Any:
            if (name, arguments, options) == ("sample_shop", ("id-toko-gadget",), {}):
                return ca.open_shop("exports/", market="ID")
            key = repr((name, arguments, sorted(options.items())))
            if key not in seen:
                seen[key] = function(*arguments, **options)
            return seen[key]

        return call

    with pytest.MonkeyPatch.context() as patch:
        for name in ("open_shop", "open_shops", "sample_shop"):
            patch.setattr(ca, name, kept(name, getattr(ca, name)))
        yield


@pytest.mark.parametrize("path", WITH_EXAMPLES)
@pytest.mark.usefixtures("opened_once")
def test_examples_run(path: Path, folder_of_examples: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder_of_examples)
    names: dict[str, Any] = {"__name__": "example"}
    for line, code in examples(path):
        run(code, path, line, names)


def test_paths_in_the_sample_are_there() -> None:
    told = {
        (name_of(path), named)
        for path in FILES
        for named in re.findall(r"data/sample/[\w./-]*\w", path.read_text(encoding="utf-8"))
    }
    assert len(told) > 1
    assert sorted(place for place in told if not (PROJECT / place[1]).exists()) == []


@pytest.mark.parametrize("page", ["how_to/other_platforms.md", "commands.md", "files.md"])
def test_pages_on_mappings_name_every_shipped_one(page: str) -> None:
    text = (DOCS / page).read_text(encoding="utf-8")
    assert [name for name in shipped() if f"`{name}`" not in text] == []


def test_the_readme_shows_what_analysts_type() -> None:
    code = "\n".join(code for _, code in examples(PROJECT / "README.md"))
    for name in ("open_shop", "open_shops", "rates", "rate", "where", "compare", "to_excel"):
        assert re.search(rf"\b{name}\(", code), f"README.md does not show {name}"


# --- public names ----------------------------------------------------------------------------


def public_names() -> list[str]:
    import cancel_analysis as ca

    return [name for name in ca.__all__ if not name.startswith("__")]


def described_names() -> list[str]:
    return re.findall(r"^::: cancel_analysis\.(\w+)$", (DOCS / "api.md").read_text(encoding="utf-8"), re.MULTILINE)


def members(cls: type) -> Iterator[tuple[str, Any]]:
    """Public methods and properties of a class that this package defines, inherited ones too."""
    for name in dir(cls):
        home = next((base for base in cls.__mro__ if name in vars(base)), None)
        if name.startswith("_") or home is None or not home.__module__.startswith("cancel_analysis"):
            continue
        value = vars(home)[name]
        if isinstance(value, FunctionType | property | cached_property | classmethod | staticmethod):
            yield name, value


def test_every_public_name_has_its_place_on_the_python_page() -> None:
    described = described_names()
    assert len(described) == len(set(described))
    assert sorted(described) == sorted(public_names())


def test_every_public_name_is_described() -> None:
    import cancel_analysis as ca

    silent = []
    for name in public_names():
        value = getattr(ca, name)
        if callable(value) and not inspect.getdoc(value):
            silent.append(name)
        if inspect.isclass(value):
            silent += [f"{name}.{member}" for member, part in members(value) if not inspect.getdoc(part)]
    assert silent == []


# --- rooms -----------------------------------------------------------------------------------


def layers() -> list[list[str]]:
    """The rooms of import-linter's contract, from the top down; those of one line may stand in any order."""
    settings = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    contract = next(contract for contract in settings["contracts"] if contract["type"] == "layers")
    return [re.split(r"\s*[:|]\s*", line) for line in contract["layers"]]


def test_the_table_of_rooms_is_the_contract() -> None:
    text = (DOCS / "architecture.md").read_text(encoding="utf-8")
    table = re.search(r"^\| room \| holds \|\n\|[-|]+\|\n((?:\|.*\n)+)", text, re.MULTILINE)
    assert table is not None
    told = re.findall(r"^\| `(\w+)` \|", table[1], re.MULTILINE)
    position = 0
    for line in layers():
        assert sorted(told[position : position + len(line)]) == sorted(line)
        position += len(line)
    assert position == len(told)


def test_the_picture_of_rooms_matches_the_imports() -> None:
    grimp = pytest.importorskip("grimp")
    picture = runpy.run_path(str(DOCS / "pictures" / "rooms.py"))
    assert sorted(picture["PLACES"]) == sorted(room for line in layers() for room in line)
    assert len(set(picture["PLACES"].values())) == len(picture["PLACES"]), "two rooms have one place"
    graph = grimp.build_graph("cancel_analysis", cache_dir=None)
    imports = set()
    for module in graph.modules:
        for imported in graph.find_modules_directly_imported_by(module):
            pair = (imported.split(".")[1:2], module.split(".")[1:2])
            if all(pair):
                imports.add((pair[0][0], pair[1][0]))
    assert [arrow for arrow in picture["FLOW"] if arrow not in imports] == []
    assert (DOCS / "pictures" / "rooms.svg").read_text(encoding="utf-8") == picture["draw"](), "run rooms.py again"


# --- the site --------------------------------------------------------------------------------


def zensical() -> list[str] | None:
    """How the site's builder is called: from the environment of `make docs`, or this one if it has it."""
    for name in ("bin/zensical", "Scripts/zensical.exe"):
        if (PROJECT / ".venv-docs" / name).is_file():
            return [str(PROJECT / ".venv-docs" / name)]
    return [sys.executable, "-m", "zensical"] if importlib.util.find_spec("zensical") else None


class Page(HTMLParser):
    """What a built page loads, links to and can be linked at."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.links: list[str] = []
        self.ids: set[str] = set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.ids |= {given[name] for name in ("id", "name") if name in given}
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        elif tag == "link" and given.get("rel") not in ("canonical", "next", "prev"):
            self.loads.append(given.get("href", ""))
        self.loads += [given[name] for name in ("src", "srcset", "poster") if name in given]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site. A place of its own: a copy of what it is made from, so that nothing else sees it half done."""
    command = zensical()
    if command is None:
        pytest.skip("the site's builder is not here: make docs")
    folder = tmp_path_factory.mktemp("site")
    shutil.copy(PROJECT / "zensical.toml", folder)
    for name in ("docs", "cancel_analysis"):
        shutil.copytree(PROJECT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    done = subprocess.run([*command, "build", "--clean", "--strict"], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "site"


@pytest.mark.slow
def test_the_site_needs_no_network(site: Path) -> None:
    # 404.html is for servers, which read it from their root.
    pages = {path: Page(path) for path in site.rglob("*.html") if path.name != "404.html"}
    assert len(pages) == len(PAGES)
    for path, page in pages.items():
        assert [asset for asset in page.loads if re.match(r"([a-z]+:)?//", asset)] == [], path.name
        for asset in page.loads:
            if asset and not asset.startswith("data:"):
                assert (path.parent / asset.split("?")[0]).exists(), f"{path.name} lacks {asset}"
        assert 'class="mermaid"' not in path.read_text(encoding="utf-8"), "the theme loads mermaid from the network"
    for style in site.rglob("*.css"):
        assert not re.search(r"(url\(|@import)\s*['\"]?(https?:)?//", style.read_text(encoding="utf-8")), style.name


@pytest.mark.slow
def test_links_of_the_site_lead_somewhere(site: Path) -> None:
    pages = {path.resolve(): Page(path) for path in site.rglob("*.html")}
    dead = []
    for path, page in pages.items():
        for link in page.links:
            if re.match(r"([a-z]+:|//)", link) or path.name == "404.html":
                continue
            where, _, anchor = unquote(link).partition("#")
            goal = (path.parent / where).resolve() if where else path
            if goal.is_dir():
                goal /= "index.html"
            if not goal.exists() or (anchor and goal in pages and anchor not in pages[goal].ids):
                dead.append(f"{path.name}: {link}")
    assert dead == []


@pytest.mark.slow
def test_the_site_describes_every_public_name(site: Path) -> None:
    import cancel_analysis as ca

    assert "<blockquote>" not in (site / "api.html").read_text(encoding="utf-8"), "an example shown as a quote"
    ids = Page(site / "api.html").ids
    lost = []
    for name in public_names():
        home = f"cancel_analysis.{name}"
        if home not in ids:
            lost.append(home)
        if inspect.isclass(getattr(ca, name)):
            lost += [f"{home}.{member}" for member, _ in members(getattr(ca, name)) if f"{home}.{member}" not in ids]
    assert lost == []


@pytest.mark.slow
@pytest.mark.browser
def test_the_site_is_read_and_searched_as_files(site: Path, chromium: str) -> None:
    playwright = pytest.importorskip("playwright.sync_api")
    complaints: list[str] = []
    asked: list[str] = []
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_context(offline=True).new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        page.goto((site / "index.html").as_uri())
        page.keyboard.press("Control+k")
        page.get_by_placeholder("Search").wait_for()
        page.keyboard.type("standing", delay=50)
        page.get_by_text("What the platform sees").first.wait_for(timeout=10_000)
        browser.close()
    assert complaints == []
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:", "about:"))] == []


# --- the script for schedulers -----------------------------------------------------------------


@pytest.mark.skipif(shutil.which("sh") is None, reason="no sh on this machine")
@pytest.mark.parametrize(
    ("codes", "told", "ran"),
    [
        ({}, 0, ["report", "portfolio", "send"]),
        ({"report": 1}, 1, ["report", "portfolio", "send"]),
        ({"report": 2}, 2, ["report"]),
        ({"portfolio": 1}, 1, ["report", "portfolio", "send"]),
        ({"send": 1}, 1, ["report", "portfolio", "send"]),
    ],
)
def test_the_weekly_script_ends_as_its_page_says(
    tmp_path: Path, codes: dict[str, int], told: int, ran: list[str]
) -> None:
    blocks = FENCE.finditer((DOCS / "weekly.md").read_text(encoding="utf-8"))
    (script,) = (block["code"] for block in blocks if block["info"].strip() == "sh")
    (tmp_path / "weekly.sh").write_text(script, encoding="utf-8")
    cases = "".join(f"{name}) exit {code};; " for name, code in codes.items())
    command = tmp_path / "cancel-analysis"
    command.write_text(f'#!/bin/sh\necho "$*" >> {tmp_path}/ran\ncase $1 in {cases}*) exit 0;; esac\n')
    command.chmod(0o755)
    done = subprocess.run(["sh", str(tmp_path / "weekly.sh"), "in", "out"], env={"PATH": f"{tmp_path}:/usr/bin:/bin"})
    assert done.returncode == told
    calls = (tmp_path / "ran").read_text(encoding="utf-8").splitlines()
    assert [call.split()[0] for call in calls] == ran
    # Every option that the script uses is one of the command.
    from typer.main import get_command

    from cancel_analysis.cli.commands import app

    group: Any = get_command(app)
    for call in calls:
        name, *words = call.split()
        known = {flag for option in group.commands[name].params for flag in option.opts}
        assert {word for word in words if word.startswith("--")} <= known
