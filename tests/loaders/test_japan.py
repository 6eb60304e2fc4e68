"""The Japanese export: headers and values in Japanese, `11,000 JPY`, times with AM and PM, no description row."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from cancel_analysis.attribution.attribute import attribute
from cancel_analysis.catalog.shops import folder_shop
from cancel_analysis.loaders import identify, load_shop

HEADER = {
    "order": "注文ID", "status": "注文状況", "substatus": "注文のサブ状況", "after_sale": "キャンセル/返品のタイプ",
    "normal": "通常の注文または予約注文", "sku": "SKU ID", "seller_sku": "セラーSKU", "product": "商品名",
    "variation": "バリエーション", "quantity": "数量", "returned": "返品済みのSKU数", "price": "SKUの元の価格",
    "before": "SKU小計（割引前）", "amount": "SKU小計（割引後）", "order_amount": "注文金額", "refund": "注文の返金額",
    "created": "注文作成時刻", "paid": "注文の支払い日時", "ready": "発送準備完了日時", "shipped": "発送日時",
    "delivered": "配達日時", "cancelled": "キャンセル日時", "by": "キャンセル元：", "reason": "キャンセル理由",
    "fulfillment": "フルフィルメントタイプ", "tracking": "追跡ID", "carrier": "配送業者名",
    "buyer": "カスタマーのユーザー名", "recipient": "受取人", "state": "都道府県", "method": "支払い方法",
    "category": "商品カテゴリー", "package": "荷物ID",
}  # fmt: skip
PERSONAL = "BUYERDATA"


def row(number: int, **changes: Any) -> list[str]:
    cells = dict.fromkeys(HEADER, "") | {
        "order": f"{577700000000000000 + number}\t", "status": "発送済み", "substatus": "配達済み", "normal": "Normal",
        "sku": "1729380000000000001", "product": "茶碗", "quantity": "1", "returned": "0", "price": "12,000 JPY",
        "amount": "11,000 JPY", "order_amount": "11,500 JPY", "refund": "0 JPY",
        "created": f"01/{number:02d}/2026 6:03:56 PM\t", "paid": f"01/{number:02d}/2026 6:04:10 PM\t",
        "fulfillment": "Fulfillment by seller", "buyer": PERSONAL, "recipient": PERSONAL, "state": "東京都",
        "method": "クレジットカード",
    }  # fmt: skip
    return list((cells | changes).values())


def test_a_japanese_export_is_read(tmp_path: Path) -> None:
    gone = {"status": "キャンセル済み", "substatus": "キャンセル済み", "after_sale": "Cancel"}
    rows = [
        row(1, status="未発送", substatus="発送待ち"),
        row(14, delivered="01/18/2026 9:00:00 AM\t", shipped="01/16/2026 12:30:00 PM\t"),
        row(27, **gone, by="User", reason="不要になった", cancelled="01/27/2026 7:00:00 PM\t"),
        row(28, **gone, by="Seller", reason="在庫切れ", cancelled="01/28/2026 7:00:00 PM\t", amount="1,234,000 JPY"),
    ]
    path = tmp_path / "all.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        csv.writer(stream).writerows([list(HEADER.values()), *rows])
    assert identify(path) == "tiktok_orders"
    shop = folder_shop(tmp_path, "JP")
    orders = load_shop(shop).orders
    table, account = orders.table, orders.account
    assert (account.rows, account.used, account.description, account.refused) == (4, 4, 0, 0)
    assert account.unknown_values.empty
    assert table["status"].to_list() == ["to_ship", "shipped", "cancelled", "cancelled"]
    assert table["substatus"].to_list()[:2] == ["awaiting_shipment", "delivered"]
    assert table["line_amount"].to_list() == [11000, 11000, 11000, 1234000]
    assert f"{table['created_at'].iloc[2]:%Y-%m-%d %H:%M:%S%z}" == "2026-01-27 18:03:56+0900"
    assert f"{table['shipped_at'].iloc[1]:%m-%d %H:%M}" == "01-16 12:30"
    items = attribute(table, None, shop).items
    assert items[["initiator", "reason"]].to_numpy().tolist() == [
        ["buyer", "no_longer_needed"],
        ["seller", "out_of_stock"],
    ]
    assert PERSONAL not in table.to_csv()
