"""Products to be taken down: own rate at the limit's share, in its window, of its orders."""

from dataclasses import replace
from datetime import date

from cancel_analysis.benchmarks.products import product_standing, products_at_risk, taken_down
from cancel_analysis.catalog.policies import limits
from cancel_analysis.catalog.shops import make_shop
from cancel_analysis.rates.order_facts import describe_orders
from tests.frames import affected_items, order_lines

AS_OF = date(2026, 11, 15)
SHOP = make_shop({"id": "shop", "market": "ID"})
(SFCR,) = [limit for limit in limits("ID", AS_OF) if limit.id == "id_official_sfcr"]


def found(orders, items, limit=SFCR):
    lines = order_lines(*orders, zone="Asia/Jakarta")
    lost = affected_items(*items, zone="Asia/Jakarta")
    return taken_down(describe_orders(lines, lost, SHOP, AS_OF), lines, lost, limit, AS_OF)


def order(n, product, day="2026-11-12", **more):
    moment = f"{day} 10:00:00"
    return {"order_id": f"O{n:03d}", "sku_id": product, "product_name": product, "created_at": moment,
            "paid_at": moment, "currency": "IDR", **more}  # fmt: skip


def lost(n, product, day="2026-11-12", **more):
    return {"order_id": f"O{n:03d}", "sku_id": product, "product_name": product, "order_created_at": f"{day} 10:00:00",
            "event_at": f"{day} 18:00:00", "currency": "IDR", **more}  # fmt: skip


def test_a_product_at_ten_per_cent_is_named_and_one_below_is_not():
    orders = [order(n, "Lamp") for n in range(10)] + [order(n, "Cup") for n in range(10, 31)]
    items = [lost(0, "Lamp"), lost(10, "Cup"), lost(11, "Cup")]
    table = found(orders, items)
    # One of ten lamps is 10 %, two of 21 cups are not.
    assert table[["product", "numerator", "denominator"]].to_numpy().tolist() == [["Lamp", 1, 10]]
    assert table["rate"].tolist() == [0.1]


def test_only_the_sellers_fault_in_the_window_counts():
    orders = [order(n, "Lamp") for n in range(9)] + [order(20, "Lamp", "2026-11-08"), order(21, "Lamp", paid_at=None)]
    items = [lost(0, "Lamp", initiator="buyer", responsibility="buyer"), lost(20, "Lamp", "2026-11-08")]
    assert found(orders, items).empty, "the buyer's wish; eight days ago"
    # Unpaid orders are among those placed: one of ten.
    table = found(orders, [lost(1, "Lamp")])
    assert table[["numerator", "denominator"]].to_numpy().tolist() == [[1, 10]]
    paid = found(orders, [lost(1, "Lamp")], replace(SFCR, denominator="orders_paid"))
    assert paid["denominator"].tolist() == [9]


def test_of_an_order_of_two_products_the_one_at_fault_counts():
    both = [
        order(0, "Lamp"),
        {**order(0, "Cup"), "first_line": False},
    ]
    items = [lost(0, "Lamp"), lost(0, "Cup", initiator="seller", responsibility="buyer", root_cause="buyer_choice")]
    assert found(both, items)["product"].tolist() == ["Lamp"]


def test_limits_without_a_product_rule_name_nothing():
    assert found([order(0, "Lamp")], [lost(0, "Lamp")], replace(SFCR, product_value=None)).empty
    assert product_standing(()) is None


def risk(orders, items, limit=SFCR):
    lines = order_lines(*orders, zone="Asia/Jakarta")
    lost_items = affected_items(*items, zone="Asia/Jakarta")
    facts = describe_orders(lines, lost_items, SHOP, AS_OF)
    return products_at_risk(facts, lines, lost_items, limit, AS_OF)


def test_how_many_more_cancellations_lead_to_a_products_line():
    orders = [order(n, "Lamp") for n in range(10)] + [order(n, "Cup") for n in range(10, 41)]
    orders += [order(n, "Rug") for n in range(41, 50)]
    table = risk(orders, [lost(0, "Lamp"), lost(10, "Cup")]).set_index("product")
    # One of ten is at 10 %. Of 31 cups the fourth is the first at 10 % (4/31 = 12.9 %, 3/31 = 9.7 %): three more.
    assert table["crosses_at"].to_dict() == {"Lamp": 0, "Cup": 3}
    assert (table["numerator"] / table["denominator"]).tolist() == table["rate"].tolist()
    assert "Rug" not in table.index, "nothing of it was lost"


def test_without_a_rule_for_products_there_is_no_row():
    assert risk([order(0, "Lamp")], [lost(0, "Lamp")], replace(SFCR, product_value=None)).empty
