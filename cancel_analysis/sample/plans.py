"""What a sample shop is planned to be: its goods, its habits, its files, and the story planted in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from cancel_analysis.sample.random_stream import Curve, RandomStream

FIRST_DAY = date(2026, 8, 17)
LAST_DAY = date(2026, 11, 15)
AS_OF = datetime.combine(LAST_DAY, time(23, 59, 59))
EXPORT_DAY = date(2026, 11, 16)
# The double-day sale of South-East Asia; it falls into the last week.
SALE_DAY = date(2026, 11, 11)


@dataclass(frozen=True)
class Product:
    """A listing; `price` in the currency's smallest unit in use, `weight` its share of the demand."""

    name: str
    category: str
    price: int
    weight: float
    stem: str
    variations: tuple[str, ...] = ("Default",)
    grams: int = 300
    returns: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Sku:
    """One variation of a product."""

    id: str
    seller_sku: str
    variation: str
    weight: float
    product: Product


@dataclass(frozen=True)
class Carrier:
    """A carrier that does not exist."""

    name: str
    weight: float
    prefix: str


@dataclass(frozen=True)
class Draft:
    """What is known of an order when it is placed; a story decides from this what befalls it."""

    created: datetime
    skus: tuple[Sku, ...]
    carrier: Carrier
    region: str
    cod: bool


@dataclass(frozen=True)
class FilePlan:
    """One export: the orders created from `first` to `last`, as they stood at `exported`."""

    name: str
    kind: str
    exported: datetime
    first: date = FIRST_DAY
    last: date = LAST_DAY
    fault: str = "none"
    description: str | None = None
    older: bool = False

    @property
    def format(self) -> str:
        return self.name.rsplit(".", 1)[1]


@dataclass(frozen=True)
class StockGap:
    """A time in which the seller had nothing of a SKU and the platform sold on; `end` None: not over yet."""

    seller_sku: str
    begin: datetime
    end: datetime | None

    def holds(self, when: datetime) -> bool:
        """Whether the gap was open at a time."""
        return self.begin <= when and (self.end is None or when < self.end)


@dataclass(frozen=True)
class Focus:
    """Where the planted story shows; empty parts play no role in it."""

    products: tuple[str, ...] = ()
    variations: tuple[str, ...] = ()
    carrier: str | None = None
    region: str | None = None
    first: date | None = None
    return_reason: str | None = None


@dataclass(frozen=True)
class Plan:
    """One sample shop. `outcomes` and `returns` are shares of orders and of delivered lines."""

    id: str
    name: str
    market: str
    interface: str
    seed: int
    orders: int
    category: str
    products: tuple[Product, ...]
    carriers: tuple[Carrier, ...]
    regions: tuple[tuple[str, float], ...]
    files: tuple[FilePlan, ...]
    story: str
    root_cause: str | None
    stage: str | None
    expect: str
    outcomes: Mapping[str, float]
    returns: Mapping[str, float]
    return_delay: Curve
    transit: Curve
    warehouse: str
    shipping: int
    settings: tuple[tuple[str, str], ...] = ()
    focus: Focus = Focus()
    change: Callable[[Draft], Mapping[str, float]] = lambda draft: {}
    late: Callable[[datetime], float] = lambda created: 0.01
    money: str = "plain"
    decimals: int = 2
    cod: float = 0.0
    samples: float = 0.012
    multi_line: float = 0.14
    tax: float = 0.0
    weekdays: tuple[float, ...] = (1.0, 0.95, 0.95, 1.0, 1.05, 1.2, 1.25)
    sale: float = 1.0
    refused_rows: bool = False
    gaps: tuple[StockGap, ...] = ()
    # What else the shop's folder holds: "stock", "tracking", "tracking_of_cancelled", "cancellations", "api".
    side_files: tuple[str, ...] = ()

    def skus(self) -> tuple[Sku, ...]:
        """Every SKU, with numbers that stay the same as long as the products do."""
        rng = RandomStream(self.seed, 1)
        found = []
        for product in self.products:
            for number, variation in enumerate(product.variations):
                share = product.weight / len(product.variations)
                found.append(
                    Sku(f"1729{rng.digits(15)}", f"{product.stem}-{number + 1:02d}", variation, share, product)
                )
        return tuple(found)

    def focus_skus(self) -> tuple[Sku, ...]:
        """The SKUs that the planted story is about."""
        focus = self.focus
        return tuple(
            sku
            for sku in self.skus()
            if sku.product.name in focus.products and (not focus.variations or sku.variation in focus.variations)
        )


def days() -> list[date]:
    """Every day of the sample."""
    return [FIRST_DAY + timedelta(days=number) for number in range((LAST_DAY - FIRST_DAY).days + 1)]


def day_weights(plan: Plan) -> list[float]:
    """How many orders a day draws: its weekday, slow growth, and the sale where there is one."""
    weights = []
    for number, day in enumerate(days()):
        growth = 0.85 + 0.35 * number / 90
        sale = plan.sale if day == SALE_DAY else 1.0
        weights.append(plan.weekdays[day.weekday()] * growth * sale)
    return weights
