"""A shop as a card: who, when, which files, what became of their rows, the verdict and the four main rates."""

from __future__ import annotations

from cancel_analysis.exhibits.speaker import Speaker
from cancel_analysis.explore.display import wrapped
from cancel_analysis.explore.rates import MAIN_RATES, Rates, sentences
from cancel_analysis.report.show.blocks.escape import html as escaped
from cancel_analysis.report.show.blocks.text import tone
from cancel_analysis.sections.sentences import verdict_prose
from cancel_analysis.sections.voice import speaker
from cancel_analysis.study.one_shop import Study

# Kinds of file named in a card, in this order; the account has all.
MOST_FILES = 6


def card_text(study: Study, rates: Rates) -> str:
    """The card for a terminal, at most a screen."""
    voice = speaker(study, study.shop.language)
    verdict = verdict_prose(study.judgement, voice)
    lines = [
        f"{study.shop.name} · {_where(study, voice)}",
        _covered(study, voice),
        "",
        *(line.text for line in verdict.lines[:2]),
        "",
        *sentences(rates.frame, study, voice, MAIN_RATES),
        *_mixed(study),
    ]
    return "\n".join(" ".join(line.split()) for line in lines)


def card_html(study: Study, rates: Rates) -> str:
    """The card for a notebook."""
    voice = speaker(study, study.shop.language)
    verdict = verdict_prose(study.judgement, voice)
    word = tone(study.judgement.verdict)
    said = "".join(f"<li>{escaped(text)}</li>" for text in sentences(rates.frame, study, voice, MAIN_RATES))
    return wrapped(
        f"<h4>{escaped(study.shop.name)} · {escaped(_where(study, voice))}</h4>",
        f'<p class="verdict-word tone-{word}">{escaped(verdict.lines[0].text)}</p>',
        *(f"<p>{escaped(line.text)}</p>" for line in verdict.lines[1:2]),
        f"<ul>{said}</ul>",
        *(f'<p class="note">{escaped(note)}</p>' for note in _mixed(study)),
        f'<p class="note">{escaped(_covered(study, voice))}</p>',
        _files(study, voice),
    )


def _mixed(study: Study) -> list[str]:
    """Why the files may be of more than one shop: whoever looks at the figures must know."""
    return [note for account in study.intake.accounts for note in account.mixed]


def _where(study: Study, voice: Speaker) -> str:
    day = voice.numbers.day(study.as_of)
    return voice.words("explore.card", market=study.shop.market, week=str(study.week), day=day)


def _covered(study: Study, voice: Speaker) -> str:
    numbers, accounts = voice.numbers, study.intake.accounts
    created = study.orders["created_at"]
    return voice.words(
        "explore.covered",
        rows=numbers.count(sum(account.rows for account in accounts)),
        files=numbers.count(sum(len(account.files) for account in accounts)),
        used=numbers.count(sum(account.used for account in accounts)),
        refused=numbers.count(sum(account.refused for account in accounts)),
        orders=numbers.count(study.orders["first_line"].sum()),
        first=numbers.day(created.min()),
        last=numbers.day(created.max()),
    )


def _files(study: Study, voice: Speaker) -> str:
    """The account of the rows: a line a kind of file."""
    words, numbers = voice.words, voice.numbers
    rows = "".join(
        f"<tr><td>{escaped(words(f'account.{account.kind}'))}</td>"
        f"<td>{escaped(', '.join(account.files['file'].head(MOST_FILES)))}"
        f"{' …' if len(account.files) > MOST_FILES else ''}</td>"
        f'<td class="number">{numbers.count(account.rows)}</td><td class="number">{numbers.count(account.used)}</td>'
        f'<td class="number">{numbers.count(account.refused)}</td></tr>'
        for account in study.intake.accounts
    )
    heads = [words(f"column.{name}") for name in ("kind_of_file", "file", "rows", "used", "refused")]
    cells = "".join(f"<th>{escaped(head)}</th>" for head in heads)
    return f"<table><thead><tr>{cells}</tr></thead><tbody>{rows}</tbody></table>"
