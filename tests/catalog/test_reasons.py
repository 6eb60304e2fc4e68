"""The catalog of reasons: every official row, every language, every dated and ambiguous rule."""

from __future__ import annotations

import csv
import unicodedata
from datetime import date
from itertools import product
from pathlib import Path

import pytest

from cancel_analysis.catalog.markets import markets
from cancel_analysis.catalog.reason_tables import aliases, codes, reasons, rules, texts, turning_days
from cancel_analysis.catalog.reasons import (
    ANY,
    CONFIDENCES,
    GROUPS,
    STAGES,
    UNKNOWN,
    find,
    find_rule,
    look_up,
    normalise,
    official_code,
    strip_suffixes,
)
from cancel_analysis.tables import BASES, INITIATORS, RESPONSIBILITIES, ROOT_CAUSES

MOMENTS = ("unpaid", "to_ship", "ready", "shipped", "delivered")

# A code that says "the platform" and one that says only "the package was cancelled" share their text.
VAGUE = {("platform_cancelled", "system_cancelled")}


def official_rows() -> list[dict[str, str]]:
    path = Path(__file__).resolve().parents[2] / "../shared/reference/reason_codes.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.reference
def test_every_official_row_is_known_by_code_and_by_text():
    rows = official_rows()
    assert len(rows) > 1200
    wrong = []
    for row in rows:
        place = {"initiator": row["initiator"].lower(), "market": row["market"], "kind": row["kind"]}
        by_code = find(row["stage"], code=row["code"], **place)
        by_text = find(row["stage"], text=row["text_en"], **place)
        known = by_code is not None and by_text is not None and (by_code.code, by_code.basis) == (row["code"], "code")
        same = known and (by_code.reason == by_text.reason or (by_code.reason, by_text.reason) in VAGUE)
        if not same or (reasons()[by_code.reason].family == "refusal") != (row["kind"] == "reject_reason"):
            wrong.append((row, by_code, by_text))
    assert not wrong


@pytest.mark.reference
def test_every_official_reason_has_a_party_or_says_honestly_that_it_has_none():
    undecided = set()
    for row in official_rows():
        if row["kind"] != "reason":
            continue
        found = look_up(row["stage"], initiator=row["initiator"].lower(), market=row["market"], code=row["code"])
        assert found.reason != UNKNOWN
        if found.responsibility == UNKNOWN:
            undecided.add(found.reason)
    assert undecided == {"damaged", "system_cancelled", "other"}


@pytest.mark.reference
def test_the_official_code_beside_a_text_is_one_of_its_market():
    """Where a market has a code with this very text and actor, a code of that market is named."""
    for row in official_rows():
        if row["kind"] != "reason":
            continue
        found = find(row["stage"], initiator=row["initiator"].lower(), market=row["market"], text=row["text_en"])
        assert found is not None
        assert found.code is not None
        named = [c for c in codes() if c.code == found.code and c.kind == "reason"]
        assert any(c.market == ANY or row["market"] in c.market.split(";") for c in named), (row, found)


@pytest.mark.reference
def test_refusals_never_make_an_affected_item():
    """A text or code that only ever refuses a request is no reason of a return."""
    rows = official_rows()
    both = {normalise(r[key]) for r in rows if r["kind"] == "reason" for key in ("code", "text_en")}
    for row in rows:
        for key, field in (("code", "code"), ("text_en", "text")):
            if row["kind"] == "reject_reason" and normalise(row[key]) not in both:
                assert look_up(row["stage"], **{field: row[key]}).reason == UNKNOWN, row


KNOWN = [
    # stage, initiator, market, code, reason, responsibility
    ("cancel", "seller", "US", "seller_cancel_reason_out_of_stock", "out_of_stock", "seller"),
    ("cancel", "seller", "GB", "seller_cancel_reason_wrong_price_uk", "pricing_error", "seller"),
    ("cancel", "system", "US", "package_damagaed", "package_damaged", "shipping"),
    ("cancel", "system", "US", "package_lost", "package_lost", "shipping"),
    ("cancel", "system", "VN", "returned_to_shipper_refused", "package_rejected", "buyer"),
    ("cancel", "system", "VN", "returned_to_shipper_other", "delivery_failed", "shipping"),
    ("cancel", "system", "TH", "system_cancel_unpaid_time_out", "not_paid", "buyer"),
    ("cancel", "operator", "US", "operator_cancel_risk_control_block", "risk_control", "platform"),
    ("cancel", "buyer", "EU", "ecom_order_unpaid_canceled_reason_other", "seller_silent_or_asked", "seller"),
    ("cancel", "buyer", "TH", "ecom_order_unpaid_canceled_reason_other", "other", "buyer"),
    ("return", "buyer", "JP", "ecom_order_delivered_refund_and_return_reason_wrong_product_JP", "wrong_item", "seller"),
    ("return", "buyer", "US", "ecom_order_delivered_refund_and_return_reason_no_need", "no_longer_needed", "buyer"),
    ("refund", "buyer", "SG", "buyer_refund_suspected_counterfeit", "counterfeit", "seller"),
]


@pytest.mark.parametrize(("stage", "initiator", "market", "code", "reason", "responsibility"), KNOWN)
def test_codes(stage, initiator, market, code, reason, responsibility):
    found = look_up(stage, initiator=initiator, market=market, code=code)
    assert (found.reason, found.responsibility) == (reason, responsibility)
    assert found.code == code


EXPORT_TEXTS = {
    "Package delivery failed": "delivery_failed", "No longer needed": "no_longer_needed",
    "Customer overdue to pay": "not_paid", "Need to change payment method": "change_payment",
    "High delivery costs": "high_delivery_cost", "Need to change shipping address": "change_address",
    "Better price available": "better_price", "Out of stock": "out_of_stock",
    "Need to change color or size": "change_variation", "Seller not responsive to inquiries": "seller_no_response",
    "Seller requesting order cancellation": "seller_asked_cancel",
    "Payment method not available": "payment_unavailable", "Product didn't arrive on time": "late_delivery",
    "Pricing error": "pricing_error", "Package damaged": "package_damaged", "Package lost": "package_lost",
    "Package rejected": "package_rejected", "Bought by mistake": "bought_by_mistake",
    "ไม่ต้องการแล้ว": "no_longer_needed", "มีราคาที่ดีกว่า": "better_price", "ค่าจัดส่งแพง": "high_delivery_cost",
    "สินค้าหมด": "out_of_stock", "ข้อผิดพลาดในการกำหนดราคา": "pricing_error",
    "การจัดส่งพัสดุไม่สำเร็จ": "delivery_failed", "จำเป็นต้องเปลี่ยนที่อยู่จัดส่ง": "change_address",
    "ต้องการเปลี่ยนวิธีการชำระเงิน": "change_payment", "วิธีการชำระเงินไม่พร้อมใช้งาน": "payment_unavailable",
    "ลูกค้าปล่อยไว้จนเกินกำหนดชำระเงิน": "not_paid", "จำเป็นต้องเปลี่ยนสีหรือขนาด": "change_variation",
    "ต้องการใช้คูปองในการสั่งซื้อ": "coupon", "ผู้ขายไม่ตอบคำถาม": "seller_no_response",
    "Pengiriman paket gagal": "delivery_failed", "Paket hilang": "package_lost",
    "Penghantaran bungkusan gagal": "delivery_failed", "Không còn nhu cầu": "no_longer_needed",
    "Tự động hủy do quá thời gian lấy hàng": "collection_timeout",
    "Không thể giao hàng đến địa chỉ khách hàng": "address_not_served", "Autre": "other",
    "缺货": "out_of_stock", "不再需要": "no_longer_needed", "价格错误": "pricing_error",
    "未按时发货": "not_shipped_on_time",
    "Stok habis": "out_of_stock", "Hết hàng": "out_of_stock",
}  # fmt: skip


@pytest.mark.parametrize(("text", "reason"), EXPORT_TEXTS.items())
def test_export_texts_in_every_language(text, reason):
    found = look_up("cancel", text=text)
    assert (found.reason, found.basis) == (reason, "text")


@pytest.mark.parametrize("language", ["th", "id", "ms", "vi", "zh", "fr"])
def test_each_language_has_the_common_reasons_and_marks_translations(language):
    rows = [row for row in texts() if row.language == language]
    common = {"out_of_stock", "no_longer_needed", "delivery_failed", "not_as_described", "defective", "damaged"}
    assert common <= {row.reason for row in rows}
    assert all((row.confidence == "unverified") == row.source.startswith("translation") for row in rows)
    assert look_up("cancel", text=next(r.text for r in rows if r.source.startswith("tr"))).confidence == "unverified"


@pytest.mark.parametrize(
    "spelling",
    [
        "PACKAGE LOST", "  Package   lost ", "Package lost.", "Package\u00a0lost", "Ｐａｃｋａｇｅ　ｌｏｓｔ",
        "\ufeffPackage lost",
    ],
)  # fmt: skip
def test_a_text_is_known_in_any_spelling(spelling):
    assert look_up("cancel", text=spelling).reason == "package_lost"


def test_curly_quotes_and_a_composed_tone_are_the_same_text():
    assert look_up("cancel", text="Item wasn’t shipped on time").reason == "not_shipped_on_time"
    decomposed = unicodedata.normalize("NFD", "Không còn nhu cầu")
    assert decomposed != "Không còn nhu cầu"
    assert look_up("cancel", text=decomposed).reason == "no_longer_needed"


@pytest.mark.parametrize(
    ("code", "stripped", "initiator"),
    [
        ("package_lost_uk", "package_lost_uk", "system"),  # exact: it is in the list
        ("package_lost_th", "package_lost", "system"),
        ("ecom_order_delivered_refund_reason_defective_JP", "ecom_order_delivered_refund_reason_defective", "buyer"),
        ("buyer_cancel_late_shipment_S", "buyer_cancel_late_shipment", "buyer"),
        ("buyer_refund_product_not_frozen_on_arrival_seller", "buyer_refund_product_not_frozen_on_arrival", "seller"),
        (
            "buyer_refund_product_not_frozen_on_arrival_seller_uk",
            "buyer_refund_product_not_frozen_on_arrival",
            "seller",
        ),
        ("package_damagaed_jp", "package_damagaed", "system"),
    ],
)
def test_suffixes(code, stripped, initiator):
    found = find("cancel", code=code)
    assert found is not None
    assert (found.code, found.initiator, found.basis) == (stripped, initiator, "code")


def test_an_exact_code_wins_over_a_stripped_one():
    exact = look_up("cancel", code="ecom_order_unpaid_canceled_reason_payment_method_not_available_S")
    base = look_up("cancel", code="ecom_order_unpaid_canceled_reason_payment_method_not_available")
    assert (exact.reason, base.reason) == ("change_payment", "payment_unavailable")
    assert strip_suffixes("a_b_seller_uk") == ("a_b_seller_uk", "a_b_seller", "a_b")
    assert strip_suffixes("uk") == ("uk",)


@pytest.mark.parametrize(
    ("alias", "stage", "initiator", "market", "reason", "code"),
    [
        ("C101", "cancel", "seller", "GB", "out_of_stock", "seller_cancel_reason_out_of_stock_uk"),
        ("c101 - out of stock", "cancel", "seller", "TH", "out_of_stock", "seller_cancel_reason_out_of_stock"),
        ("C203", "cancel", "buyer", "GB", "not_shipped_on_time", "buyer_cancel_late_shipment"),
        ("C203", "cancel", "system", "TH", "collection_timeout", "system_cancel_order_reason_shipping_timeout"),
        (
            "C305", "return", "buyer", "US", "not_as_described",
            "ecom_order_delivered_refund_and_return_reason_not_match_description",
        ),
    ],
)  # fmt: skip
@pytest.mark.parametrize("field", ["text", "code"])
def test_aliases_wherever_a_reason_can_stand(alias, stage, initiator, market, reason, code, field):
    found = look_up(stage, initiator=initiator, market=market, **{field: alias})
    assert (found.reason, found.code, found.basis, found.confidence) == (reason, code, "alias", "unverified")


def test_a_code_in_the_text_column_is_a_code():
    assert look_up("cancel", text="seller_cancel_reason_wrong_price").basis == "code"


@pytest.mark.parametrize("initiator", ["seller", "unknown"])
def test_indonesian_out_of_stock_turned_on_a_day(initiator):
    def on(day: date | None, market: str = "ID") -> str:
        return look_up("cancel", initiator=initiator, market=market, on=day, text="Stok habis").responsibility

    assert on(date(2025, 8, 30)) == "buyer"
    assert on(date(2025, 8, 31)) == "seller"
    assert on(None) == "seller"
    assert on(date(2025, 8, 30), "TH") == "seller"
    assert date(2025, 8, 31) in turning_days()


def test_return_classes_are_official_in_south_east_asia_since_a_day():
    def confidence(market: str, day: date) -> str:
        return find_rule("wrong_item", "return", "buyer", market, day).confidence

    assert confidence("TH", date(2025, 8, 21)) == "official"
    assert confidence("TH", date(2025, 8, 20)) == "unverified"
    assert confidence("US", date(2026, 8, 21)) == "unverified"


SELLERS = ["not_as_described", "poor_quality", "missing_item", "defective", "wrong_item", "counterfeit"]


def test_the_three_classes_of_returns():
    def party(reason: str) -> str:
        return find_rule(reason, "return", "buyer", "VN", date(2026, 1, 1)).responsibility

    assert {party(reason) for reason in SELLERS} == {"seller"}
    assert {party(reason) for reason in ("no_longer_needed", "wrong_fit")} == {"buyer"}
    damaged = look_up("return", text="Package or product is damaged", market="VN")
    assert damaged.pending
    assert damaged.ambiguous
    assert (damaged.responsibility, damaged.responsibility_other) == ("unknown", "seller")
    on_the_way = look_up("cancel", initiator="system", text="Package damaged")
    assert (on_the_way.responsibility, on_the_way.responsibility_other) == ("shipping", "seller")
    assert on_the_way.pending


AMBIGUOUS = [
    ("buyer", "Item wasn't shipped on time", "*", "seller", "buyer", "late_dispatch"),
    ("seller", "Buyer requested cancellation", "*", "buyer", "seller", "buyer_choice"),
    ("buyer", "Seller requesting order cancellation", "*", "seller", "buyer", "other"),
    ("system", "Automatically cancelled due to collection time out", "ready", "seller", "shipping", "late_dispatch"),
    ("system", "Automatically cancelled due to untraceable tracking number", "ready", "seller", "shipping",
     "late_dispatch"),
    ("seller", "Unable to deliver to buyer address", "to_ship", "seller", "buyer", "address"),
    ("system", "Unable to deliver to buyer address", "shipped", "shipping", "buyer", "carrier"),
    ("system", "Package delivery failed", "shipped", "shipping", "buyer", "carrier"),
    ("buyer", "Product didn't arrive on time", "to_ship", "seller", "buyer", "late_dispatch"),
    ("buyer", "Product didn't arrive on time", "shipped", "shipping", "seller", "carrier"),
]  # fmt: skip


@pytest.mark.parametrize(("initiator", "text", "moment", "main", "other", "root"), AMBIGUOUS)
def test_ambiguous_reasons_name_both_readings(initiator, text, moment, main, other, root):
    found = look_up("cancel", initiator=initiator, text=text, moment=moment)
    assert found.ambiguous
    assert (found.responsibility, found.responsibility_other, found.root_cause) == (main, other, root)


def test_a_parcel_that_was_never_ready_is_the_sellers_alone():
    text = "Automatically cancelled due to collection time out"
    found = look_up("cancel", initiator="system", text=text, moment="to_ship")
    assert (found.responsibility, found.ambiguous) == ("seller", False)


@pytest.mark.parametrize(
    ("initiator", "responsibility", "basis"),
    [("seller", "seller", "initiator"), ("buyer", "buyer", "initiator"), ("system", "unknown", "timestamps"),
     ("operator", "unknown", "timestamps"), (None, "unknown", "timestamps")],
)  # fmt: skip
@pytest.mark.parametrize("text", ["nobody knows this", None])
def test_an_unknown_reason_is_unknown_and_only_the_actor_may_decide(initiator, responsibility, basis, text):
    found = look_up("cancel", initiator=initiator, text=text, moment="to_ship")
    assert (found.reason, found.responsibility, found.basis) == (UNKNOWN, responsibility, basis)
    assert found.code is None


def test_who_asks_for_a_return_decides_nothing():
    assert look_up("return", initiator="buyer", text="nobody knows this").responsibility == UNKNOWN
    assert look_up("refund", initiator="buyer", text="Other").responsibility == UNKNOWN


@pytest.mark.parametrize("text", [None, "", " ", "-", "N/A"])
def test_without_any_reason_the_timestamps_speak(text):
    unpaid = look_up("cancel", initiator="system", text=text, moment="unpaid")
    failed = look_up("cancel", text=text, moment="shipped")
    assert (unpaid.reason, unpaid.responsibility, unpaid.root_cause) == ("not_paid", "buyer", "payment")
    assert (failed.reason, failed.responsibility, failed.flag) == ("delivery_failed", "shipping", "failed_delivery")
    assert {unpaid.basis, failed.basis} == {"timestamps"}


def test_the_same_words_of_the_operator_and_of_the_system():
    assert look_up("cancel", initiator="operator", text="Order canceled by system").responsibility == "platform"
    assert look_up("cancel", initiator="system", text="Order canceled by system").responsibility == UNKNOWN


def test_the_official_code_follows_market_and_moment():
    assert official_code("better_price", "cancel", "buyer", "US", "unpaid") != official_code(
        "better_price", "cancel", "buyer", "US", "to_ship"
    )
    assert official_code("better_price", "cancel", "buyer", "GB", "to_ship").endswith("_uk")
    assert official_code("out_of_stock", "return", "buyer", "US") is None


def test_the_files_agree_with_each_other_and_with_the_tables():
    for reason in reasons().values():
        assert reason.root_cause in ROOT_CAUSES
        assert reason.flag in ("", "failed_delivery", "refused", "failed_when_shipped")
        assert (reason.family == "refusal") == (reason.name not in rules())
    for row in (*codes(), *texts()):
        assert row.reason in reasons()
        assert (reasons()[row.reason].family == "refusal") == (row.kind == "reject_reason")
    for alias in aliases():
        assert alias.reason in reasons()
        assert any(row.code == alias.code for row in codes())
    numbers = [rule.rule_id for rows in rules().values() for rule in rows]
    assert len(numbers) == len(set(numbers))
    fields = {"initiator": {*INITIATORS, ANY}, "moment": {*MOMENTS, ANY}, "stage": {*STAGES, ANY}}
    fields["market"] = {*markets(), *GROUPS, ANY}
    for rule in (rule for rows in rules().values() for rule in rows):
        assert {rule.responsibility, rule.responsibility_other} <= set(RESPONSIBILITIES)
        assert rule.ambiguous == (rule.responsibility != rule.responsibility_other)
        assert rule.root_cause in ("", *ROOT_CAUSES)
        assert rule.basis in ("", *BASES)
        assert rule.confidence in CONFIDENCES
        assert rule.source
        for name, allowed in fields.items():
            assert set(getattr(rule, name).split(";")) <= allowed, (rule, name)


def test_one_rule_is_the_most_specific_in_every_place():
    """No two rules of a reason tie: which one is used never depends on the order of the file."""
    days = [date(2025, 1, 1), date(2025, 8, 25), date(2026, 11, 15)]
    for reason, rows in rules().items():
        for stage, who, market, moment, day in product(STAGES, INITIATORS, ("US", "TH", "ID"), MOMENTS, days):
            found = find_rule(reason, stage, who, market, day, moment)
            others = [
                r
                for r in rows
                if r is not found
                and r.in_force(day)
                and all(
                    (getattr(r, name) == ANY) == (getattr(found, name) == ANY)
                    for name in ("stage", "initiator", "market", "moment")
                )
                and bool(r.valid_from or r.valid_to) == bool(found.valid_from or found.valid_to)
            ]
            overlapping = [r for r in others if find_only(r, stage, who, market, moment)]
            assert not overlapping, (found, overlapping)


def find_only(rule, stage, who, market, moment) -> bool:
    """Whether a rule fits a place, told anew from its fields."""
    values = {"stage": stage, "initiator": who, "market": market, "moment": moment}
    for name, value in values.items():
        field = getattr(rule, name)
        named = set(field.split(";")) | {m for g in field.split(";") for m in GROUPS.get(g, ())}
        if field != ANY and value not in named:
            return False
    return True


def reason_table() -> str:
    """The table of reasons in docs/attribution.md, from the catalog: the general rule of each reason."""
    lines = ["| reason | label | root cause | responsibility | |", "|---|---|---|---|---|"]
    for reason in reasons().values():
        if reason.family == "refusal":
            continue
        rule = next(r for r in rules()[reason.name] if {r.stage, r.initiator, r.market, r.moment} == {ANY})
        parties = dict.fromkeys((rule.responsibility, rule.responsibility_other))
        words = [word for word, said in (("ambiguous", rule.ambiguous), ("pending", rule.pending)) if said]
        cells = (f"`{reason.name}`", reason.label, rule.root_cause or reason.root_cause, " / ".join(parties))
        lines.append(f"| {' | '.join((*cells, ', '.join(words)))} |")
    return "\n".join(lines) + "\n"


def test_the_document_has_the_table_of_the_catalog():
    document = Path(__file__).resolve().parents[2] / "docs" / "attribution.md"
    assert document.read_text(encoding="utf-8").endswith(reason_table())
