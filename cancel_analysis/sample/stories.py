"""The six sample shops and what goes wrong in each: in the last weeks, and in one of them nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from cancel_analysis.sample.plans import Carrier, Draft, FilePlan, Focus, Plan, StockGap
from cancel_analysis.sample.products import (
    HARBOR_HOME,
    LINEN_LANE,
    ORCHID_IMPORT,
    SAIGON_SHOES,
    SIAM_BEAUTY,
    TOKO_GADGET,
)
from cancel_analysis.sample.random_stream import Curve

TRANSIT: Curve = ((0, 26), (0.5, 60), (0.9, 110), (1, 160))
SEA_TRANSIT: Curve = ((0, 22), (0.5, 48), (0.9, 90), (1, 130))
# Hours after delivery; the tails end inside the return windows of the markets.
LONG_WINDOW: Curve = ((0, 3), (0.5, 90), (0.8, 230), (0.95, 480), (1, 700))
FAST_LONG_WINDOW: Curve = ((0, 3), (0.5, 50), (0.8, 140), (0.95, 400), (1, 700))
SHORT_WINDOW: Curve = ((0, 2), (0.5, 40), (0.85, 100), (1, 142))

OUTCOMES = {
    "unpaid": 0.03, "buyer_early": 0.022, "buyer_late": 0.003, "out_of_stock": 0.003, "pricing_error": 0.001,
    "collection_timeout": 0.001, "risk": 0.002, "failed": 0.010, "refused": 0.004, "lost": 0.002,
    "partial_line": 0.05, "partial_units": 0.10, "gift": 0.001,
}  # fmt: skip
RETURNS = {
    "not_match": 0.004, "defective": 0.006, "damaged": 0.006, "wrong_product": 0.003, "missing": 0.003,
    "no_need": 0.006, "not_received": 0.002, "late": 0.001, "transit_late": 0.002, "unknown": 0.001,
}  # fmt: skip
SEA_OUTCOMES = {**OUTCOMES, "partial_line": 0.0, "partial_units": 0.0}
SEA_RETURNS = {key: share for key, share in RETURNS.items() if key not in ("no_need", "transit_late")}

THAI_LATE_FROM = date(2026, 10, 26)
STOCK_LOST_FROM = date(2026, 11, 2)
BAD_CARRIER, BAD_REGION = "Sao Mai Express", "Đắk Lắk"


def _thai_step(created: datetime, shares: tuple[float, float, float]) -> float:
    week = (created.date() - THAI_LATE_FROM).days // 7
    return shares[week] if week >= 0 else 0.0


def _thai_change(draft: Draft) -> Mapping[str, float]:
    if draft.created.date() < THAI_LATE_FROM:
        return {}
    return {
        "collection_timeout": _thai_step(draft.created, (0.13, 0.20, 0.42)),
        "buyer_waits": _thai_step(draft.created, (0.03, 0.05, 0.06)),
    }


def _thai_late(created: datetime) -> float:
    return _thai_step(created, (0.35, 0.5, 0.65)) or 0.01


def _failing_carrier(draft: Draft) -> Mapping[str, float]:
    if draft.carrier.name == BAD_CARRIER and draft.region == BAD_REGION:
        return {"failed": 0.42}
    return {}


LOST_STOCK = ("TWS Earbuds NanoPods 3", "Power Bank 10.000 mAh Slim")
STOCK_GAPS = (
    StockGap("TG-TWS-01", datetime(2026, 11, 2, 2, 30), datetime(2026, 11, 6, 9, 40)),
    StockGap("TG-TWS-01", datetime(2026, 11, 10, 22, 15), datetime(2026, 11, 13, 16, 5)),
    StockGap("TG-TWS-02", datetime(2026, 11, 2, 5, 50), datetime(2026, 11, 8, 8, 15)),
    StockGap("TG-TWS-02", datetime(2026, 11, 11, 4, 20), datetime(2026, 11, 14, 9, 0)),
    StockGap("TG-PWB-01", datetime(2026, 11, 3, 4, 10), datetime(2026, 11, 7, 10, 20)),
    StockGap("TG-PWB-01", datetime(2026, 11, 11, 3, 0), datetime(2026, 11, 14, 13, 30)),
    StockGap("TG-PWB-02", datetime(2026, 11, 4, 1, 20), datetime(2026, 11, 6, 15, 45)),
    StockGap("TG-PWB-02", datetime(2026, 11, 10, 5, 30), None),
)


def _lost_stock(draft: Draft) -> Mapping[str, float]:
    if draft.created.date() < STOCK_LOST_FROM:
        return {}
    skus = [sku for sku in draft.skus if sku.product.name in LOST_STOCK]
    if not skus:
        return {}
    gone = any(gap.seller_sku == sku.seller_sku and gap.holds(draft.created) for gap in STOCK_GAPS for sku in skus)
    # Some goods are missing for other reasons too, so that the gaps do not explain everything.
    return {"out_of_stock": 0.88 if gone else 0.18}


US = Plan(
    id="us-harbor-home",
    name="Harbor Home",
    market="US",
    interface="en",
    seed=20261144,
    orders=2260,
    category="Home",
    products=HARBOR_HOME,
    carriers=(Carrier("Blue Gull Parcel", 6, "BG"), Carrier("Prairie Post", 3, "PP"), Carrier("Northwind", 1, "NW")),
    regions=(("California", 5), ("Texas", 4), ("Florida", 3), ("New York", 3), ("Ohio", 2), ("Washington", 2)),
    files=(
        FilePlan(
            "All order-2026-10-05-08_55.csv", "orders", datetime(2026, 10, 5, 8, 55), last=date(2026, 10, 4),
            description="en",
        ),
        FilePlan(
            "All order-2026-11-16-09_12.csv", "orders", datetime(2026, 11, 16, 9, 12), first=date(2026, 9, 30),
            description="en",
        ),
        FilePlan("Return order-2026-11-16-09_14.csv", "returns", datetime(2026, 11, 16, 9, 14)),
    ),
    story="A healthy shop: seller-fault cancellations far below the limit, few returns, nothing stands out.",
    root_cause=None,
    stage=None,
    expect="ok",
    outcomes={**OUTCOMES, "buyer_early": 0.026},
    returns=RETURNS,
    return_delay=LONG_WINDOW,
    transit=TRANSIT,
    warehouse="Reno DC 1",
    shipping=599,
    tax=0.08,
    side_files=("cancellations",),
)  # fmt: skip

GB = Plan(
    id="uk-linen-lane",
    name="Linen Lane",
    market="GB",
    interface="en",
    seed=20261102,
    orders=1350,
    category="Home textiles",
    products=LINEN_LANE,
    carriers=(Carrier("Heron Mail", 6, "HM"), Carrier("Fell & Dale", 4, "FD")),
    regions=(("England", 16), ("Scotland", 3), ("Wales", 2), ("Northern Ireland", 1)),
    files=(
        FilePlan("All order-2026-11-16-10_31.csv", "orders", datetime(2026, 11, 16, 10, 31)),
        FilePlan("Return order-2026-11-16-10_33.csv", "returns", datetime(2026, 11, 16, 10, 33)),
    ),
    story="Two listings promise what the goods do not hold: their buyers send them back as not as described.",
    root_cause="listing",
    stage="return_refund",
    expect="ok by the limit; the two listings stand out among the returns",
    outcomes={**OUTCOMES, "out_of_stock": 0.002},
    returns=RETURNS,
    return_delay=FAST_LONG_WINDOW,
    transit=TRANSIT,
    warehouse="Leeds",
    shipping=349,
    settings=(("limits", "uk_2022"),),
    focus=Focus(products=("Stonewashed Linen Duvet Set", "Blackout Curtain Pair"), return_reason="not_match"),
    refused_rows=True,
)

TH = Plan(
    id="th-siam-beauty",
    name="Siam Beauty",
    market="TH",
    interface="th",
    seed=20261103,
    orders=2600,
    category="Beauty",
    products=SIAM_BEAUTY,
    carriers=(Carrier("Chang Express", 5, "CX"), Carrier("Naga Post", 4, "NP"), Carrier("Lotus Line", 2, "LL")),
    regions=(("กรุงเทพมหานคร", 6), ("เชียงใหม่", 2), ("ชลบุรี", 3), ("ขอนแก่น", 2), ("สงขลา", 2)),
    files=(
        FilePlan(
            "ทั้งหมด คำสั่งซื้อ-2026-11-16-09_40.xlsx", "orders", datetime(2026, 11, 16, 9, 40), fault="own_rows",
            description="th",
        ),
        FilePlan("Return order-2026-11-16-09_45.csv", "returns", datetime(2026, 11, 16, 9, 45)),
    ),
    story="Dispatch falls behind for three weeks: parcels are ready too late, the platform cancels, buyers too.",
    root_cause="late_dispatch",
    stage="cancellation",
    expect="breach",
    outcomes=SEA_OUTCOMES,
    returns={**SEA_RETURNS, "no_need": 0.004, "transit_late": 0.002},
    return_delay=SHORT_WINDOW,
    transit=SEA_TRANSIT,
    warehouse="คลังบางนา",
    shipping=3900,
    focus=Focus(first=THAI_LATE_FROM),
    change=_thai_change,
    side_files=("tracking_of_cancelled", "cancellations"),
    late=_thai_late,
    cod=0.15,
    sale=1.9,
)  # fmt: skip

VN = Plan(
    id="vn-saigon-shoes",
    name="Saigon Shoes",
    market="VN",
    interface="vi",
    seed=20261104,
    orders=3000,
    category="Shoes",
    products=SAIGON_SHOES,
    carriers=(Carrier(BAD_CARRIER, 4, "SM"), Carrier("Cánh Diều", 4, "CD"), Carrier("Hải Âu Post", 3, "HA")),
    regions=(("TP. Hồ Chí Minh", 6), ("Hà Nội", 4), ("Đà Nẵng", 3), (BAD_REGION, 5), ("Cần Thơ", 2)),
    files=(
        FilePlan(
            "Tất cả đơn hàng-2026-09-14-08_20.xlsx", "orders", datetime(2026, 9, 14, 8, 20), last=date(2026, 9, 13),
            description="vi",
        ),
        FilePlan(
            "Tất cả đơn hàng-2026-11-16-08_25.xlsx", "orders", datetime(2026, 11, 16, 8, 25), first=date(2026, 9, 10)
        ),
        FilePlan("Return order-2026-11-16-08_27.csv", "returns", datetime(2026, 11, 16, 8, 27), older=True),
    ),
    story="One carrier cannot deliver in one province; everywhere else it can, and there the others can.",
    root_cause="carrier",
    stage="refund",
    expect="ok by the limit; failed deliveries of one carrier in one province stand out",
    outcomes={**SEA_OUTCOMES, "failed": 0.036, "refused": 0.006, "no_delivery_there": 0.001},
    returns=SEA_RETURNS,
    return_delay=SHORT_WINDOW,
    transit=SEA_TRANSIT,
    warehouse="Kho Thủ Đức",
    shipping=22000,
    focus=Focus(carrier=BAD_CARRIER, region=BAD_REGION),
    change=_failing_carrier,
    side_files=("tracking",),
    decimals=0,
    cod=0.78,
    sale=1.5,
)  # fmt: skip

ID = Plan(
    id="id-toko-gadget",
    name="Toko Gadget",
    market="ID",
    interface="id",
    seed=20261105,
    orders=2800,
    category="Electronics",
    products=TOKO_GADGET,
    carriers=(Carrier("Elang Kargo", 5, "EK"), Carrier("Garuda Kilat Paket", 4, "GK"), Carrier("Rimba Kurir", 2, "RK")),
    regions=(("Jawa Barat", 6), ("DKI Jakarta", 5), ("Jawa Timur", 4), ("Banten", 2), ("Sumatera Utara", 2)),
    files=(
        FilePlan(
            "Semua pesanan-2026-10-19-08_30.xlsx", "orders", datetime(2026, 10, 19, 8, 30), last=date(2026, 10, 18),
            fault="dimension_a1", description="en",
        ),
        FilePlan(
            "Semua pesanan-2026-11-16-08_40.xlsx", "orders", datetime(2026, 11, 16, 8, 40), first=date(2026, 10, 15),
            fault="dimension_a1", description="id",
        ),
        FilePlan("Return order-2026-11-16-08_43.xlsx", "returns", datetime(2026, 11, 16, 8, 43), fault="dimension_a1"),
    ),
    story="Stock of four SKUs is not synchronised for two weeks: the seller cancels what was sold twice.",
    root_cause="stock",
    stage="cancellation",
    expect="breach",
    outcomes=SEA_OUTCOMES,
    returns=SEA_RETURNS,
    return_delay=SHORT_WINDOW,
    transit=SEA_TRANSIT,
    warehouse="Gudang Cikarang",
    shipping=11000,
    focus=Focus(products=LOST_STOCK, first=STOCK_LOST_FROM),
    change=_lost_stock,
    gaps=STOCK_GAPS,
    side_files=("stock",),
    money="Rp",
    decimals=0,
    cod=0.25,
    sale=1.6,
)  # fmt: skip

SG = Plan(
    id="sg-orchid-import",
    name="Orchid Import 兰花进口",
    market="SG",
    interface="zh",
    seed=20261133,
    orders=12,
    category="Kitchen",
    products=ORCHID_IMPORT,
    carriers=(Carrier("Merlin Cross-Border", 1, "MX"),),
    regions=(("Central Region", 2), ("East Region", 1), ("West Region", 1)),
    files=(
        FilePlan("全部 订单-2026-11-16-10_05.csv", "orders", datetime(2026, 11, 16, 10, 5), description="zh"),
        FilePlan("Return order-2026-11-16-10_06.csv", "returns", datetime(2026, 11, 16, 10, 6), older=True),
    ),
    story="Twelve orders in all: too few to say anything, and a report has to say just that.",
    root_cause=None,
    stage=None,
    expect="cannot_tell",
    outcomes={"buyer_early": 0.09},
    returns={"damaged": 0.1},
    return_delay=SHORT_WINDOW,
    transit=((0, 150), (1, 330)),
    warehouse="深圳仓",
    shipping=250,
    settings=(("cross_border", "true"), ("limits", "cross_border")),
    late=lambda created: 0.0,
    money="SGD",
    samples=0.0,
    multi_line=0.0,
    side_files=("api",),
)

SHOPS = (US, GB, TH, VN, ID, SG)
