"""The whole report of an open shop, made as the command line makes it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cancel_analysis.catalog.shops import read_shop_list
from cancel_analysis.errors import ReportError, SettingsError
from cancel_analysis.explore.display import wrapped
from cancel_analysis.explore.own_files import OWN_SHOPS, write_settings
from cancel_analysis.report import batch
from cancel_analysis.report.jobs import APPENDIX
from cancel_analysis.report.plan import plan
from cancel_analysis.report.show.blocks.escape import html as escaped
from cancel_analysis.study.one_shop import Study


@dataclass(frozen=True, repr=False)
class MadeReport:
    """The files of a report: its folder, page, PDF and appendix (None where not asked for), and the index over all."""

    folder: Path
    html: Path | None
    pdf: Path | None
    index: Path
    appendix: Path | None = None

    @property
    def _files(self) -> list[Path]:
        return [path for path in (self.html, self.pdf, self.appendix, self.index) if path is not None]

    def __repr__(self) -> str:
        return "\n".join(str(path) for path in self._files)

    def _repr_html_(self) -> str:
        links = [
            f'<li><a href="{escaped(path.as_posix())}" target="_blank">{escaped(path.name)}</a></li>'
            for path in self._files
        ]
        return wrapped(f"<p>{escaped(self.folder.as_posix())}</p><ul>{''.join(links)}</ul>")


def make_report(
    study: Study,
    source: Path | None,
    out: Path,
    formats: tuple[str, ...],
    renderer: str,
    *,
    appendix: bool = False,
) -> MadeReport:
    """Make the report of the study's shop and week below `out`; ReportError with the cause when it fails.

    A shop that no settings file names is written down as one below `out`, as the command line does.
    """
    shop, folder = study.shop, out.expanduser()
    place = source if source is not None else write_settings(shop, folder / OWN_SHOPS)
    shops = [one for one in read_shop_list(place).shops if one.id == shop.id]
    if not shops:
        raise SettingsError(f"shop {shop.id!r} is not in {place} any more; open it again")
    parameters = {"period_days": study.period_days, "category": study.category, "product": study.product}
    if study.as_of != study.week.sunday:
        parameters["as_of"] = study.as_of.isoformat()
    planned = plan(
        shops, place, str(study.week), language=shop.language, formats=formats, appendix=appendix, parameters=parameters
    )
    result = batch.run(planned, folder, 1, renderer=renderer, shops=None)
    (outcome,) = result.outcomes
    if outcome.folder is None:
        raise ReportError(outcome.error or "the report could not be made")
    files = {form: outcome.folder / f"report.{form}" for form in ("html", "pdf")}
    made = {form: path if form in formats and path.is_file() else None for form, path in files.items()}
    printed = outcome.folder / APPENDIX if appendix else None
    return MadeReport(outcome.folder, made["html"], made["pdf"], result.index, printed)
