"""Made-up shops whose truth is known, as canonical tables: healthy ones, and ones with a planted cause.

A shop's lines are lost to causes with rates of their own. Ordinary rates differ from product to
product, from carrier to carrier, from region to region and from week to week; a healthy shop has
nothing else. A planted cause adds an excess of so many of its own standard errors in one place or
in the last weeks.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd
from scipy import stats

from cancel_analysis.catalog.shops import ShopSettings, make_shop
from cancel_analysis.loaders import Intake, ShopIntake
from cancel_analysis.loaders.parsing.account import Account
from cancel_analysis.study.one_shop import Study, study_shop
from cancel_analysis.tables import ORDER_LINES, RETURNS, conform

AS_OF = date(2026, 11, 15)
MARKETS = ("US", "TH", "VN", "ID")
WEEKDAYS = np.array([1.1, 1.0, 0.95, 0.95, 1.0, 1.05, 0.95])
# Of what a line can be lost to: cause, reason, who, stage, usual rate.
FATES = (
    ("buyer_choice", "no_longer_needed", "buyer", "cancellation", 0.022),
    ("stock", "out_of_stock", "seller", "cancellation", 0.003),
    ("price", "pricing_error", "seller", "cancellation", 0.001),
    ("late_dispatch", "collection_timeout", "system", "cancellation", 0.002),
    ("address", "change_address", "buyer", "cancellation", 0.003),
    ("payment", "change_payment", "buyer", "cancellation", 0.001),
    ("risk_control", "risk_control", "system", "cancellation", 0.002),
    ("carrier", "delivery_failed", "system", "refund", 0.015),
    ("listing", "not_as_described", "buyer", "return_refund", 0.006),
    ("quality", "defective", "buyer", "return_refund", 0.010),
)
# In which of a shop's ways of being divided a cause's ordinary rates differ.
BY_PLACE = ("carrier", "address")
# What is planted: the cause, and where it gathers.
PLANTS = (
    ("stock", "sku"), ("price", "product"), ("late_dispatch", "product"), ("listing", "product"),
    ("quality", "product"), ("carrier", "carrier"), ("carrier", "region"), ("carrier", "carrier_region"),
    ("stock", "weeks"), ("late_dispatch", "weeks"), ("carrier", "weeks"), ("address", "region"),
)  # fmt: skip
# A place in which most lines are lost is no question of statistics.
MOST_RATE = 0.5
# Less than one line in expectation is no effect that a shop could have.
LEAST_PLANTED = 1.0
# What a return request says of its order line.
TAKEN_OVER = ("shop_id", "order_id", "sku_id", "product_name", "variation", "currency")
LOOKED_DAYS = {"listing": 60, "quality": 60}
# Days from the order to delivery, about; from delivery to the request a gamma distribution of this shape and scale.
ON_WAY = 4.0
ASKED_AFTER = (1.5, 3.0)
PERIOD_DAYS = 30


@dataclass(frozen=True)
class Plant:
    """A planted cause, the way in which it gathers, and its effect in standard errors.

    `of` says whose: the `place`'s own excess, or the `shop`'s rate of the cause as the report shows it.
    In a shop that was made, `names` are what its place is called, and `lines` the expected excess.
    """

    cause: str
    dimension: str
    size: float
    of: str = "place"
    names: tuple[str, ...] = ()
    lines: float = 0.0


@dataclass(frozen=True)
class Simulated:
    """A shop up to `AS_OF`; `plant` is None in a healthy one."""

    study: Study
    plant: Plant | None
    orders_a_week: int
    products: int


def simulate(generator: np.random.Generator, plant: Plant | None = None, most: int = 5000) -> Simulated:
    """A shop of 30 to `most` orders a week with 3 to 500 products, 8 to 13 weeks long."""
    made = _made(generator, plant, most)
    while plant is not None and (made.plant is None or made.plant.lines < LEAST_PLANTED):
        # No place of this shop can hold such an effect: half its lines and more would have to be lost.
        made = _made(generator, plant, most)
    return made


def _made(generator: np.random.Generator, plant: Plant | None, most: int) -> Simulated:
    weeks = int(generator.integers(8, 14))
    weekly = float(np.exp(generator.uniform(np.log(30), np.log(most))))
    products = round(float(np.exp(generator.uniform(np.log(3), np.log(500)))))
    lines = _lines(generator, weekly, weeks, products)
    spreads = {"unit": generator.uniform(0, 0.6), "week": generator.uniform(0, 0.2)}
    rates, planted = _rates(generator, lines, spreads, plant)
    shop = make_shop({"id": "simulated", "market": str(generator.choice(MARKETS))})
    orders, returns = _tables(generator, lines, rates, shop)
    intake = ShopIntake(Intake(orders, _account("orders", orders)), Intake(returns, _account("returns", returns)))
    return Simulated(study_shop(shop, intake, as_of=AS_OF), planted, round(weekly), products)


def _lines(generator: np.random.Generator, weekly: float, weeks: int, products: int) -> pd.DataFrame:
    """One row a line: order, product, sku, carrier, region, day before the last, week before the last."""
    days = 7 * weeks
    day = np.arange(days)
    placed = generator.poisson(weekly / 7 * WEEKDAYS[(day + days) % 7])
    ago = np.repeat(days - 1 - day, placed)
    order = np.arange(len(ago))
    second = generator.random(len(ago)) < 0.12
    order, ago = np.concatenate([order, order[second]]), np.concatenate([ago, ago[second]])
    share = np.exp(generator.normal(0, 1.2, products))
    product = generator.choice(products, len(order), p=share / share.sum())
    skus = generator.integers(1, 5, products)
    sku = (generator.random(len(order)) ** 1.5 * skus[product]).astype(int)
    parcels = int(placed.sum())
    carriers, regions = generator.integers(3, 7), generator.integers(4, 9)
    carrier = _unequal(generator, carriers, parcels)[order]
    region = _unequal(generator, regions, parcels)[order]
    frame = pd.DataFrame({"order": order, "ago": ago, "week": ago // 7, "product": product, "sku": product * 10 + sku})
    frame["carrier"], frame["region"] = carrier, region
    frame["carrier_region"] = carrier * 10 + region
    # The same article twice in one order is one line more often than two.
    frame = frame.drop_duplicates(["order", "sku"])
    return frame.sort_values(["order", "sku"], ignore_index=True)


def _unequal(generator: np.random.Generator, places: int, size: int) -> np.ndarray:
    share = generator.uniform(0.3, 1.5, places)
    return generator.choice(places, size, p=share / share.sum())


def _rates(
    generator: np.random.Generator, lines: pd.DataFrame, spreads: dict[str, float], plant: Plant | None
) -> tuple[dict[str, np.ndarray], Plant | None]:
    """The chance of each line to be lost to each cause."""
    rates, planted = {}, None
    for cause, _, _, _, usual in FATES:
        base = usual * generator.uniform(0.5, 1.5)
        weekly = _factors(generator, spreads["week"], 14)[lines["week"]]
        if cause in BY_PLACE:
            # Two ways of being divided at once: each has its part of the spread.
            part = spreads["unit"] / np.sqrt(2)
            own = _factors(generator, part, 10)[lines["carrier"]] * _factors(generator, part, 10)[lines["region"]]
        else:
            own = _factors(generator, spreads["unit"], lines["product"].max() + 1)[lines["product"]]
        rates[cause] = np.minimum(base * weekly * own, MOST_RATE)
        if plant is not None and plant.cause == cause:
            added, planted = _planted(generator, lines, base, spreads, plant)
            rates[cause] = np.minimum(rates[cause] + added, 0.95)
    return rates, planted


def _factors(generator: np.random.Generator, cv: float, size: int) -> np.ndarray:
    return generator.gamma(1 / cv**2, cv**2, size) if cv > 0.01 else np.ones(size)


def _planted(
    generator: np.random.Generator, lines: pd.DataFrame, base: float, spreads: dict[str, float], plant: Plant
) -> tuple[np.ndarray, Plant]:
    """What the plant adds to each line's rate: an excess of `plant.size` of its standard errors.

    Of a place it is that of "lost here less what is lost here ordinarily": chance in the place's own
    count, how much ordinary places of that size differ, and how well the rest tells the ordinary rate.
    Of the shop it is that of all lines lost to the cause: chance, and how much its places and weeks differ.
    An effect is what shows on the last day: of what comes back later there is that much more.
    """
    whole = np.nan
    if plant.dimension == "weeks":
        recent = int(generator.integers(1, 5))
        inside, rest = lines["week"] < recent, lines["week"] >= recent
        units, cv = lines["week"], spreads["week"]
        names: tuple[str, ...] = ()
    else:
        window = lines["ago"] < LOOKED_DAYS.get(plant.cause, PERIOD_DAYS)
        units, cv = lines[plant.dimension], spreads["unit"]
        seen = units[window]
        sizes = seen.value_counts()
        whole = _added_to_shop(seen, lines["week"][window], base, (cv, spreads["week"]), plant.size)
        able = [
            place
            for place, size in sizes.items()
            if (whole if plant.of == "shop" else _added(seen[seen == place], seen[seen != place], base, cv, plant.size))
            <= MOST_RATE * size
        ]
        if not able:
            return np.zeros(len(lines)), None
        place = int(generator.choice(able))
        inside, rest = window & (units == place), window & (units != place)
        names = _names(plant.dimension, place)
    size = max(int(inside.sum()), 1)
    added = whole if plant.of == "shop" else _added(units[inside], units[rest], base, cv, plant.size)
    rate = min(added / size / _shown(plant.cause, lines["ago"][inside]), MOST_RATE)
    return np.where(inside, rate, 0.0), replace(plant, names=names, lines=rate * size)


def _shown(cause: str, ago: pd.Series) -> float:
    """Of what is lost to a cause of lines so many days old, the share that has come back by now, about."""
    if cause not in LOOKED_DAYS:
        return 1.0
    return max(float(stats.gamma.cdf(ago - ON_WAY, *ASKED_AFTER[:1], scale=ASKED_AFTER[1]).mean()), 0.2)


def _names(dimension: str, place: int) -> tuple[str, ...]:
    first, second = divmod(place, 10)
    return {
        "product": (f"Product {place}",),
        "sku": (f"Product {first}", f"No. {second}"),
        "carrier": (f"Carrier {place}",),
        "region": (f"Region {place}",),
        "carrier_region": (f"Carrier {first}", f"Region {second}"),
    }[dimension]


def _added(inside: pd.Series, rest: pd.Series, base: float, cv: float, size: float) -> float:
    """The excess of `size` standard errors; `inside` and `rest` hold each line's unit (place or week)."""
    n, m = max(len(inside), 1), max(len(rest), 1)
    usual = base * n
    own, others = (units.value_counts().to_numpy(float) for units in (inside, rest))
    differ = (own @ own) / n**2 + (others @ others) / m**2
    fixed = usual + (cv * usual) ** 2 * differ + usual**2 / (base * m)
    # excess = size · √(fixed + excess)
    return float(size * (size + np.sqrt(size**2 + 4 * fixed)) / 2)


def _added_to_shop(units: pd.Series, weeks: pd.Series, base: float, cvs: tuple[float, float], size: float) -> float:
    """The excess of `size` standard errors of all lines lost to the cause; `cvs` of units and of weeks."""
    usual = base * len(units)
    differ = [
        float(np.square(cv * base * one.value_counts().to_numpy(float)).sum())
        for one, cv in zip((units, weeks), cvs, strict=True)
    ]
    fixed = usual + sum(differ)
    return float(size * (size + np.sqrt(size**2 + 4 * fixed)) / 2)


def _tables(
    generator: np.random.Generator, lines: pd.DataFrame, rates: dict[str, np.ndarray], shop: ShopSettings
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The canonical order lines and return requests, as the files of `AS_OF` would tell them."""
    size = len(lines)
    end = pd.Timestamp(AS_OF)
    order = lines["order"].to_numpy()
    hours = generator.uniform(0, 24, order.max() + 1)
    dispatch = generator.uniform(4, 20, order.max() + 1)
    on_way = 24 * generator.uniform(2, 6, order.max() + 1)
    created = end - pd.to_timedelta(lines["ago"], unit="D") + pd.to_timedelta(hours[order], unit="h").floor("s")
    fate = _fates(generator, rates, ("cancellation",))
    sent = np.char.equal(fate, "")
    lost = np.where(sent, _fates(generator, rates, ("refund",)), "")
    arrived = sent & (lost == "")
    back = np.where(arrived, _fates(generator, rates, ("return_refund",)), "")
    ready = created + pd.to_timedelta(dispatch[order], unit="h")
    shipped = ready + pd.Timedelta(hours=4)
    delivered = shipped + pd.to_timedelta(on_way[order], unit="h")
    asked = delivered + pd.to_timedelta(24 * generator.gamma(*ASKED_AFTER, size), unit="h")
    # What comes later is in no file of today.
    known = (back != "") & (asked < end + pd.Timedelta(days=1))
    who = {cause: (reason, by) for cause, reason, by, _, _ in FATES}
    gone = pd.Series(np.where(sent, lost, fate))
    cancelled = gone != ""
    late_at = created + pd.to_timedelta(generator.uniform(1, 48, size), unit="h")
    frame = pd.DataFrame(
        {
            "shop_id": shop.id,
            "order_id": pd.Series(order + 5_000_000_000_000_000).astype(str),
            "sku_id": "S" + lines["sku"].astype(str),
            "line_no": 1,
            "first_line": ~lines["order"].duplicated(),
            "product_name": "Product " + lines["product"].astype(str),
            "variation": "No. " + (lines["sku"] % 10).astype(str),
            "quantity": 1,
            "quantity_affected": (cancelled | known).astype(int),
            "unit_price": 20.0,
            "line_amount": 20.0,
            "order_amount": 20.0,
            "currency": shop.currency,
            "status": np.where(cancelled, "cancelled", "completed"),
            "after_sale": np.where(cancelled, "cancel", np.where(known, "return_refund", None)),
            "created_at": created,
            "paid_at": created + pd.Timedelta(minutes=5),
            "rts_at": ready.where(sent),
            "shipped_at": shipped.where(sent),
            "delivered_at": delivered.where(arrived),
            "cancelled_at": pd.Series(np.where(sent, delivered, late_at)).where(cancelled),
            "cancelled_by": gone.map({cause: by for cause, (_, by) in who.items()}),
            "cancel_reason_code": gone.map({cause: reason for cause, (reason, _) in who.items()}),
            "is_cod": False,
            "carrier": "Carrier " + lines["carrier"].astype(str),
            "region": "Region " + lines["region"].astype(str),
            "source_file": "orders.csv",
            "source_row": np.arange(size) + 2,
        }
    )
    returned = frame[known]
    requests = pd.DataFrame(
        {
            **{name: returned[name] for name in TAKEN_OVER},
            "return_id": returned["order_id"] + returned["sku_id"],
            "return_type": "return_and_refund",
            "status": "completed",
            "requested_at": asked[known],
            "refunded_at": asked[known],
            "initiator": "buyer",
            "reason_code": pd.Series(back[known], returned.index).map({cause: who[cause][0] for cause in who}),
            "quantity": 1,
            "refund_amount": 20.0,
            "source_file": "returns.csv",
            "source_row": np.arange(int(known.sum())) + 2,
        }
    )  # fmt: skip
    return conform(frame, ORDER_LINES, shop.timezone), conform(requests, RETURNS, shop.timezone)


def _fates(generator: np.random.Generator, rates: dict[str, np.ndarray], stages: tuple[str, ...]) -> np.ndarray:
    """What each line is lost to at a stage, '' where it goes on."""
    causes = [cause for cause, _, _, stage, _ in FATES if stage in stages]
    bounds = np.cumsum([rates[cause] for cause in causes], axis=0)
    # The first cause whose sum of rates passes the draw.
    place = (generator.random(bounds.shape[1]) >= bounds).sum(axis=0)
    return np.array([*causes, ""])[place]


def _account(kind: str, frame: pd.DataFrame) -> Account:
    files = pd.DataFrame({"file": [f"{kind}.csv"], "newest": [pd.Timestamp(AS_OF) + pd.Timedelta(hours=33)]})
    none = pd.DataFrame()
    return Account(kind, len(frame), 0, 0, 0, 0, len(frame), files, none, none)
