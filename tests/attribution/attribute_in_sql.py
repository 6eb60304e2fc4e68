"""Attribution computed a second time, as relational steps in SQL over the same tables, in the order they run.

They read two relations, `orders` (ORDER_LINES plus `line`, a running number) and `requests_in`
(RETURNS plus `request`), whose times are naive UTC, `clock` (`rates.dispatch`), and a macro `era(t)` that
numbers the spans between the days on which catalog rules change. Each step is one named relation.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from cancel_analysis.attribution.attribute import FLAGS, WORDS, Attribution
from cancel_analysis.catalog.reason_tables import turning_days
from cancel_analysis.catalog.reasons import look_up
from cancel_analysis.catalog.shops import ShopSettings
from cancel_analysis.rates.dispatch import dispatch_clock
from cancel_analysis.rates.moments import instants, zone_of
from cancel_analysis.tables import AFFECTED_ITEMS, ORDER_LINES, RETURNS, Table, check, conform, empty

# Requests. One request for one SKU may stand in the files twice; the row that is furthest on counts.
# A status that no catalog knows, with a refund date, is a return: the money went back.
REQUESTS = """
create temp table requests as
select *,
    status in ('completed', 'in_process') or (status = 'unknown' and refunded_at is not null) as active
from requests_in
qualify coalesce(return_id, '') = '' or row_number() over (
    partition by order_id, sku_id, return_id
    order by list_position(['unknown', 'pending', 'withdrawn', 'rejected', 'in_process', 'completed'], status) desc,
        source_row desc, request
) = 1
"""

# Units cancelled on each line: all of a cancelled line unless the file says fewer, and those that the
# file calls cancelled on a line that lives on.
CANCELLED = """
create temp table cancelled as
select line, order_id, sku_id, line_no,
    case when quantity_affected > 0 then least(quantity_affected, quantity)
        when status = 'cancelled' then greatest(quantity, 0)
        else 0 end as units
from orders
where status = 'cancelled' or (after_sale = 'cancel' and quantity_affected > 0)
"""

# How far a cancelled line had come. Without a time of cancellation a cancelled order had come as far
# as its times say; part of an order that goes on can only be cancelled while it waits to be shipped.
CANCEL_DRAFT = """
create temp table cancel_draft as
with order_units as (
    select order_id, sum(greatest(quantity, 0)) as ordered
    from orders where order_id in (select order_id from cancelled)
    group by order_id
), cancelled_units as (
    select order_id, sum(units) as units from cancelled group by order_id
), timed as (
    select o.*, c.units,
        coalesce(o.cancelled_at, case when o.status = 'cancelled' then timestamp '9999-01-01' else o.created_at end)
            as until,
        u.units >= t.ordered as whole_order,
        -- The time of shipment stands for the carrier's scan.
        coalesce(case when k.event = 'ready_to_ship' then coalesce(o.rts_at, o.shipped_at) else o.shipped_at end
            >= k.due_at, false) as sent_late
    from cancelled c
    join orders o on o.line = c.line
    join order_units t on t.order_id = c.order_id
    join cancelled_units u on u.order_id = c.order_id
    left join clock k on k.order_id = c.order_id
)
select line, null::bigint as request, 'cancel' as source, units,
    case when quantity > 0 then line_amount * units / quantity else line_amount end as amount,
    coalesce(cancelled_at, created_at) as event_at,
    true as settled, whole_order,
    'cancel' as list_stage,
    coalesce(cancelled_by, 'unknown') as initiator,
    case when delivered_at <= until then 'delivered'
        when shipped_at <= until and cancelled_at is not null and cancelled_by = 'buyer'
            then case when sent_late then 'in_transit_late' else 'in_transit' end
        when shipped_at <= until then 'shipped'
        when rts_at <= until then 'ready'
        when paid_at is null and not is_cod and shipped_at is null and rts_at is null then 'unpaid'
        else 'to_ship' end as moment,
    nullif(trim(cancel_reason_text), '') as reason_text,
    nullif(trim(cancel_reason_code), '') as given_code,
    era(coalesce(cancelled_at, created_at)) as era
from timed
"""

# Room for returned units: what was ordered and not cancelled, laid end to end over the lines of one
# SKU in one order, lines that the file itself marks first.
ROOM = """
create temp table room as
select line, order_id, sku_id, status, substatus, delivered_at, line_amount, quantity, created_at,
    units, quantity_affected,
    sum(units) over lay - units as low, sum(units) over lay as high
from (
    select o.*, greatest(o.quantity - coalesce(c.units, 0), 0) as units
    from orders o
    left join cancelled c on c.line = o.line
    where (o.order_id, o.sku_id) in (select (order_id, sku_id) from requests where active)
        and o.status <> 'cancelled'
)
window lay as (
    partition by order_id, sku_id
    order by after_sale = 'return_refund' desc nulls last, quantity_affected > 0 desc, line_no, line
)
"""

# Units asked for, laid end to end in the order of asking. Old exports do not say how many: then it is
# what the order export counts as returned, if there is one request, and else one unit.
DEMAND = """
create temp table demand as
select *, sum(units) over lay - units as low, sum(units) over lay as high
from (
    select r.*,
        greatest(coalesce(
            nullif(r.quantity, 0),
            case when count(*) over (partition by r.order_id, r.sku_id) = 1 then nullif(m.marked, 0) end,
            1
        ), 1) as units
    from requests r
    left join (
        select order_id, sku_id, sum(least(quantity_affected, units)) as marked from room group by order_id, sku_id
    ) m on m.order_id = r.order_id and m.sku_id = r.sku_id
    where r.active
)
window lay as (partition by order_id, sku_id order by requested_at, return_id, request)
"""

# Each request takes the units of its stretch; what finds no room is counted apart, never twice.
ALLOTTED = """
create temp table allotted as
select d.request, l.line, least(d.high, l.high) - greatest(d.low, l.low) as units
from demand d
join room l on l.order_id = d.order_id and l.sku_id = d.sku_id and d.low < l.high and l.low < d.high
"""

RETURN_DRAFT = """
create temp table return_draft as
with placed as (
    select a.line, a.request, a.units, d.return_type, d.requested_at, d.status as request_status,
        d.initiator, d.reason_text, d.reason_code,
        l.delivered_at is not null and d.requested_at >= l.delivered_at
            or l.delivered_at is null and (
                l.status = 'completed' or l.substatus in ('delivered', 'completed')
                or d.return_type in ('return_and_refund', 'replacement')
            ) as delivered,
        -- The whole refund goes to the units that were found, in proportion.
        coalesce(
            d.refund_amount * a.units / sum(a.units) over (partition by a.request),
            l.line_amount * a.units / l.quantity
        ) as amount
    from allotted a
    join demand d on d.request = a.request
    join room l on l.line = a.line
)
select line, request, 'return' as source, units, amount,
    requested_at as event_at,
    request_status <> 'in_process' as settled,
    false as whole_order,
    case when return_type = 'refund_only' then 'refund' else 'return' end as list_stage,
    coalesce(initiator, 'unknown') as initiator,
    case when delivered then 'delivered' else 'shipped' end as moment,
    nullif(trim(reason_text), '') as reason_text,
    nullif(trim(reason_code), '') as given_code,
    era(requested_at) as era
from placed
"""

# Lines that the order export marks as returned and no request speaks of. A mark without a number of
# units is the order's; it counts for a line only when nothing in the order is more exact.
MARKED_DRAFT = """
create temp table marked_draft as
with exact_orders as (
    select order_id from orders where quantity_affected > 0
    union select order_id from requests
), marked as (
    select o.*
    from orders o
    where o.status <> 'cancelled' and o.after_sale is distinct from 'cancel'
        and (o.quantity_affected > 0
            or (o.after_sale = 'return_refund' and o.order_id not in (select order_id from exact_orders)))
        and (o.order_id, o.sku_id) not in (select (order_id, sku_id) from requests)
)
select line, null::bigint as request, 'mark' as source,
    case when quantity_affected > 0 then least(quantity_affected, quantity) else greatest(quantity, 0) end as units,
    case when quantity > 0 then line_amount * least(case when quantity_affected > 0 then quantity_affected
        else quantity end, quantity) / quantity else line_amount end as amount,
    coalesce(delivered_at, shipped_at, created_at) as event_at,
    quantity_affected > 0 or coalesce(order_refund_amount, 0) > 0 as settled,
    false as whole_order,
    'return' as list_stage,
    'unknown' as initiator,
    case when delivered_at is not null or status = 'completed' or substatus in ('delivered', 'completed')
        then 'delivered' else 'shipped' end as moment,
    null::varchar as reason_text,
    null::varchar as given_code,
    era(coalesce(delivered_at, shipped_at, created_at)) as era
from marked
"""

DRAFT = """
create temp table draft as
select * from cancel_draft union all select * from return_draft union all select * from marked_draft
"""

STEPS = (REQUESTS, CANCELLED, CANCEL_DRAFT, ROOM, DEMAND, ALLOTTED, RETURN_DRAFT, MARKED_DRAFT, DRAFT)

# What Python resolves once each.
QUESTIONS = """
create temp table questions as
select row_number() over () - 1 as question, * from (
    select distinct list_stage, initiator, moment, era, reason_text, given_code from draft
)
"""

ASKED = """
select list_stage, initiator, moment, era, reason_text, given_code from questions order by question
"""

ITEMS = """
create temp table items as
with answered as (
    select d.*, q.question
    from draft d
    join questions q
        on q.list_stage = d.list_stage and q.initiator = d.initiator and q.moment = d.moment and q.era = d.era
        and q.reason_text is not distinct from d.reason_text and q.given_code is not distinct from d.given_code
)
select o.shop_id, o.order_id, o.sku_id, o.line_no, r.return_id, o.product_id, o.seller_sku, o.product_name,
    o.variation, o.category, o.carrier, o.region,
    case
        when a.source <> 'cancel' then case when a.moment = 'delivered' then 'return_refund' else 'refund' end
        when a.moment in ('ready', 'shipped', 'in_transit', 'in_transit_late', 'delivered')
            or f.flag in ('failed_delivery', 'refused') then 'refund'
        when a.moment = 'unpaid' then 'unpaid'
        else 'cancellation'
    end as stage,
    stage = 'refund' and (
        f.flag = 'failed_delivery'
        or (f.flag = 'failed_when_shipped' and a.source = 'cancel' and a.moment in ('shipped', 'delivered')
            and f.initiator not in ('buyer', 'seller'))
    ) as failed_delivery,
    stage = 'refund' and f.flag = 'refused' as refused,
    f.rule_id in ('in-transit', 'in-transit-sent-late') as in_transit,
    a.units::bigint as units, a.amount, o.currency, f.initiator, f.reason, f.code as reason_code,
    a.reason_text, a.given_code,
    f.root_cause, f.responsibility, f.responsibility_other, f.ambiguous, f.pending, f.basis, f.rule_id,
    a.settled, a.whole_order, o.created_at as order_created_at, a.event_at
from answered a
join orders o on o.line = a.line
left join requests r on r.request = a.request
join findings f on f.question = a.question
"""

ITEMS_OUT = """
select * exclude (given_code) from items
order by order_created_at, order_id, sku_id, line_no, event_at, return_id
"""

UNKNOWN_REASONS = """
select stage, initiator, reason_text as text, given_code as code, sum(units)::bigint as items,
    count(distinct order_id)::bigint as orders
from items where reason = 'unknown'
group by all
order by items desc, stage, initiator, text, code
"""

NOT_RETURNS = """
select status, count(*) as requests from requests where not active group by status order by requests desc, status
"""

ORPHANS = """
with left_over as (
    select d.request, d.order_id, d.sku_id, d.units - coalesce(sum(a.units), 0) as units, count(a.line) as lines
    from demand d left join allotted a on a.request = d.request
    group by d.request, d.order_id, d.sku_id, d.units
)
select
    case
        when order_id not in (select order_id from orders) then 'order not in the order files'
        when (order_id, sku_id) not in (select (order_id, sku_id) from orders) then 'SKU not in its order'
        when lines = 0 then 'no unit left that was not cancelled or returned'
        else 'more units than the order has left'
    end as cause,
    count(*) as requests, sum(units)::bigint as units
from left_over where units > 0
group by cause order by cause
"""


def in_sql(orders: pd.DataFrame, returns: pd.DataFrame | None, shop: ShopSettings) -> Attribution:
    """As `attribute.attribute`, with the code that the file gave in no column."""
    check(orders, ORDER_LINES)
    requests = empty(RETURNS, shop.timezone) if returns is None else check(returns, RETURNS)
    with duckdb.connect() as connection:
        connection.register("orders_in", _numbered(orders, ORDER_LINES, "line"))
        # A table of its own is read ten times as fast as a frame is looked at, and is read eight times.
        connection.execute("create temp table orders as from orders_in")
        connection.register("requests_in", _numbered(requests, RETURNS, "request"))
        connection.register("clock", _clock(orders, shop))
        connection.execute(_era_macro(turning_days(), shop.timezone))
        for step in (*STEPS, QUESTIONS):
            connection.execute(step)
        connection.register("findings", _answers(connection.sql(ASKED).fetchall(), shop))
        connection.execute(ITEMS)
        unknown = connection.sql(UNKNOWN_REASONS).df()
        not_returns = connection.sql(NOT_RETURNS).df()
        return Attribution(
            items=_canonical(connection.sql(ITEMS_OUT).df(), shop),
            unknown_reasons=unknown,
            open_requests=int(not_returns.loc[not_returns["status"] == "pending", "requests"].sum()),
            not_returns=not_returns,
            orphans=connection.sql(ORPHANS).df(),
        )


def _numbered(frame: pd.DataFrame, table: Table, name: str) -> pd.DataFrame:
    """The frame with naive UTC times and a running number; zone-aware values would follow the session's zone."""
    times = {column.name: instants(frame[column.name]) for column in table.columns if column.kind == "time"}
    # Copied: DuckDB reads no array that is a view from the end, as a frame turned round has them.
    return frame.copy().assign(**times, **{name: np.arange(len(frame))})


def _clock(orders: pd.DataFrame, shop: ShopSettings) -> pd.DataFrame:
    """Until when each order had to be dispatched, in naive UTC, whatever day it is looked at."""
    clock = dispatch_clock(orders, shop)
    zone = zone_of(orders["created_at"])
    due = clock["due_at"].dt.tz_localize(zone, ambiguous=False, nonexistent="shift_forward")
    return clock[["order_id", "event"]].assign(due_at=instants(due))


def _canonical(found: pd.DataFrame, shop: ShopSettings) -> pd.DataFrame:
    times = [column.name for column in AFFECTED_ITEMS.columns if column.kind == "time"]
    zoned = {name: found[name].dt.tz_localize("UTC").dt.tz_convert(shop.timezone) for name in times}
    return conform(found.assign(**zoned), AFFECTED_ITEMS, shop.timezone)


def _era_macro(days: Iterable[date], timezone: str) -> str:
    """`era(t)`: how many of the catalog's turning days had begun, in the shop's zone, at naive UTC `t`."""
    starts = [pd.Timestamp(day).tz_localize(timezone).tz_convert("UTC").tz_localize(None) for day in days]
    # What nothing dates is judged by what is known today.
    terms = [f"coalesce(t >= timestamp '{start:%Y-%m-%d %H:%M:%S}', true)::integer" for start in starts]
    return f"create temp macro era(t) as {' + '.join(['0', *terms])}"


def _answers(questions: Sequence[tuple[Any, ...]], shop: ShopSettings) -> pd.DataFrame:
    """One finding of the catalog for each of the `questions` (rows of `steps.ASKED`), in their order."""
    days = turning_days()
    eras = [days[0] - timedelta(days=1), *days]
    answers = [
        look_up(stage, initiator=initiator, market=shop.market, on=eras[era], text=text, code=code, moment=moment)
        for stage, initiator, moment, era, text, code in questions
    ]
    words = {name: pd.array([getattr(answer, name) for answer in answers], dtype="str") for name in WORDS}
    flags = {name: np.array([getattr(answer, name) for answer in answers], dtype=bool) for name in FLAGS}
    return pd.DataFrame({"question": np.arange(len(answers)), **words, **flags})
