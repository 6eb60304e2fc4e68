"""What a report says, for machines: the contents of `report.json`."""

from __future__ import annotations

from typing import Any

import pandas as pd

from cancel_analysis.catalog.rates import FIRST_RATES, WINDOWS, so_far
from cancel_analysis.exhibits.speaker import Speaker, rate_label
from cancel_analysis.sections import sentences
from cancel_analysis.sections.verdict import headline, told_since
from cancel_analysis.sections.voice import speaker
from cancel_analysis.study.one_shop import Study
from cancel_analysis.version import __version__


def parameters(study: Study) -> dict[str, Any]:
    """The settings that shaped this report, as plain values."""
    shop = study.shop
    return {
        "shop": shop.id,
        "market": shop.market,
        "week": str(study.week),
        "as_of": study.as_of.isoformat(),
        "period_days": study.period_days,
        "category": study.category,
        "product": study.product,
        "limits": shop.limits,
        "near_share": shop.near_share,
        "weights": f"{shop.seller_weight:g} / {shop.buyer_weight:g}",
        "timezone": shop.timezone,
        "currency": shop.currency,
        "refuse_limit": shop.refuse_limit,
        "version": __version__,
    }


def report_contents(study: Study, language: str = "") -> dict[str, Any]:
    """What `report.json` says of this report: the shop, the verdict, the rates and the sentences."""
    voice = speaker(study, language)
    shop = study.shop
    created = study.rates[(study.rates["basis"] == "created") & (study.rates["window"] == max(WINDOWS))]
    rates = [
        {
            "name": row["metric"],
            "label": rate_label(row["metric"], voice.words),
            "value": row["rate"],
            "numerator": row["numerator"],
            "denominator": row["denominator"],
            "low": row["low"],
            "high": row["high"],
            "window": row["window"],
            "so_far": so_far(row["metric"]),
            "key": row["metric"] in FIRST_RATES,
        }
        for row in created.to_dict("records")
    ]
    first = (
        sentences.verdict_prose(study.judgement, voice),
        sentences.findings_prose(study.ranked_standouts, voice, told_since(study)),
    )
    return {
        "shop": {
            "id": shop.id,
            "name": shop.name,
            "market": shop.market,
            "currency": shop.currency,
            "synthetic": shop.synthetic,
        },
        "week": str(study.week),
        "as_of": study.as_of.isoformat(),
        "verdict": study.judgement.verdict,
        "headline": headline(study, language),
        "of_limit": _of_limit(study),
        "deciding": _deciding(study, voice),
        "rates": sorted(rates, key=lambda rate: rate["name"] not in FIRST_RATES),
        "findings": [line.text for prose in first for line in prose.lines],
        "limits": study.judgement.frame,
        "actions": study.advised_actions,
        "outcomes": study.outcomes,
        "parameters": parameters(study),
    }


def _deciding(study: Study, voice: Speaker) -> dict[str, Any] | None:
    """The figure that decides the verdict, with its window; None where none does."""
    deciding = study.judgement.deciding
    if deciding is None:
        return None
    return {
        "name": deciding.limit.metric,
        "label": rate_label(deciding.limit.metric, voice.words),
        "value": deciding.rate,
        "numerator": deciding.numerator,
        "denominator": deciding.denominator,
        "window": deciding.limit.window_days,
        "limit": deciding.limit.value,
    }


def _of_limit(study: Study) -> float | None:
    """How many times its limit the deciding rate is, to rank shops of one verdict; None where none decides."""
    deciding = study.judgement.deciding
    if deciding is None or not deciding.limit.value or pd.isna(deciding.rate):
        return None
    return float(deciding.rate / deciding.limit.value)
