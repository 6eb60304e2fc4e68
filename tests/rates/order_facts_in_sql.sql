-- One row an order: what was known of it at the end of one day.
-- Tables: lines (ORDER_LINES with scan_at and by_platform), items (AFFECTED_ITEMS), clock (order_id, clock_from,
-- due_at, event: until when the order must have been ready, shipped or scanned), times as the shop's wall clock.
-- Parameters: $cut, the first moment that is not seen; $currency, the shop's.
-- A cancellation is an item that came from the order itself; one with a return request is a return.
WITH cut AS (SELECT $cut::TIMESTAMP AS at),
dated_lines AS (
    SELECT lines.*, due_at, clock_from,
           -- What meets the deadline in this market. The carrier's scan is known from its own events; where there
           -- are none, the platform's time of shipment stands for it.
           CASE event WHEN 'in_transit' THEN coalesce(scan_at, shipped_at)
                      WHEN 'shipped' THEN shipped_at
                      ELSE coalesce(rts_at, shipped_at) END AS met_at
    FROM lines LEFT JOIN clock USING (order_id)
),
known_lines AS (
    SELECT shop_id, order_id, sku_id, line_no, quantity, is_cod, created_at, cancelled_at,
           line_amount, currency, by_platform, due_at, clock_from,
           CASE WHEN met_at < cut.at THEN met_at END AS met_at,
           -- It went out, but nothing says when: whether in time cannot be told.
           met_at IS NULL AND (delivered_at IS NOT NULL OR status IN ('shipped', 'completed')) AS undated,
           -- A status is evidence too: many files say that an order was completed, and never when. Where there is
           -- a time, it alone tells whether the event was before the cut.
           delivered_at IS NULL AND (status = 'completed' OR coalesce(substatus IN ('delivered', 'completed'), false))
               AS says_delivered,
           coalesce(rts_at, shipped_at, delivered_at) IS NULL AND status IN ('shipped', 'completed') AS says_shipped,
           CASE WHEN paid_at < cut.at THEN paid_at END AS paid_at,
           CASE WHEN coalesce(rts_at, shipped_at) < cut.at THEN coalesce(rts_at, shipped_at) END AS ready_at,
           CASE WHEN shipped_at < cut.at THEN shipped_at END AS shipped_at,
           CASE WHEN delivered_at < cut.at THEN delivered_at END AS delivered_at
    FROM dated_lines, cut WHERE created_at < cut.at
),
all_items AS (
    SELECT items.*, event_at < cut.at AS seen, return_id IS NULL AND stage <> 'return_refund' AS is_cancel,
        return_id IS NOT NULL OR stage = 'return_refund' AS asked,
        reason IN ('package_lost', 'package_damaged', 'package_scrapped') AS lost_on_way
    FROM items, cut
),
lost_lines AS (
    SELECT order_id, sku_id, line_no, sum(units)::BIGINT AS lost
    FROM all_items WHERE seen AND is_cancel GROUP BY ALL
),
placed AS (
    SELECT any_value(shop_id) AS shop_id, order_id,
           min(currency) AS currency,
           bool_or(currency <> $currency) AS other_currency,
           min(created_at) AS created_at,
           min(paid_at) AS paid_at,
           bool_or(is_cod) AS cod,
           bool_or(by_platform) AS by_platform,
           any_value(due_at) AS due_at,
           any_value(clock_from) AS clock_from,
           bool_or(undated) FILTER (coalesce(lost, 0) < quantity) AS undated,
           sum(quantity)::BIGINT AS units,
           -- Where no line says its amount the order's is not known; nothing is 0 for want of a column.
           CASE WHEN count(*) FILTER (currency = $currency) > 0
                    AND count(line_amount) FILTER (currency = $currency) = 0 THEN NULL
                ELSE coalesce(sum(line_amount) FILTER (currency = $currency), 0) END AS amount,
           bool_or(cancelled_at IS NOT NULL) AS cancel_dated,
           bool_or(says_delivered) AS says_delivered,
           bool_or(says_shipped) AS says_shipped,
           min(shipped_at) AS shipped_at,
           max(delivered_at) AS delivered_at,
           min(ready_at) AS first_ready_at,
           -- Ready is the order whose every unit still wanted is ready; of one cancelled whole, what was ready counts.
           CASE WHEN bool_or(coalesce(lost, 0) < quantity)
                THEN CASE WHEN bool_and(ready_at IS NOT NULL) FILTER (coalesce(lost, 0) < quantity)
                          THEN max(ready_at) FILTER (coalesce(lost, 0) < quantity) END
                ELSE max(ready_at) END AS ready_at,
           CASE WHEN bool_or(coalesce(lost, 0) < quantity)
                THEN CASE WHEN bool_and(met_at IS NOT NULL) FILTER (coalesce(lost, 0) < quantity)
                          THEN max(met_at) FILTER (coalesce(lost, 0) < quantity) END
                ELSE max(met_at) END AS met_at
    FROM known_lines LEFT JOIN lost_lines USING (order_id, sku_id, line_no)
    GROUP BY order_id
),
lost AS (
    SELECT order_id,
        sum(units) FILTER (is_cancel AND seen) AS units_gone,
        count(*) FILTER (is_cancel AND NOT seen) AS still_to_come,
        bool_or(whole_order) FILTER (is_cancel) AS marked_whole,
        max(event_at) FILTER (is_cancel AND seen) AS cancel_at,
        last(initiator ORDER BY event_at, units, sku_id, line_no) FILTER (is_cancel AND seen) AS cancelled_by,
        bool_and(initiator = 'unknown') FILTER (is_cancel AND seen) AS nameless,
        bool_or(stage = 'unpaid') FILTER (is_cancel AND seen) AS never_paid,
        bool_or(responsibility = 'seller' AND initiator <> 'buyer') FILTER (is_cancel AND seen) AS fault,
        bool_or(responsibility = 'seller' AND initiator <> 'buyer' AND NOT ambiguous AND NOT pending)
            FILTER (is_cancel AND seen) AS fault_least,
        -- Open in three ways: a reason with two readings, a finding still to come, no known reason.
        bool_or((ambiguous OR pending) AND 'seller' IN (responsibility, responsibility_other)
            OR responsibility = 'unknown') FILTER (is_cancel AND seen) AS fault_other,
        bool_or(root_cause = 'late_dispatch' AND initiator IN ('system', 'operator')) FILTER (is_cancel AND seen)
            AS cancelled_as_late,
        bool_or(failed_delivery) FILTER (seen) AS failed_delivery,
        bool_or(refused) FILTER (seen) AS refused,
        bool_or(in_transit) FILTER (seen) AS in_transit,
        min(event_at) FILTER (seen AND in_transit) AS in_transit_at,
        min(event_at) FILTER (seen AND (failed_delivery OR refused)) AS failed_at,
        min(event_at) FILTER (seen AND stage = 'refund') AS refund_at,
        min(event_at) FILTER (seen AND stage = 'return_refund') AS return_at,
        bool_or(responsibility NOT IN ('buyer', 'unknown')) FILTER (seen AND stage = 'return_refund') AS return_fault,
        bool_or(responsibility NOT IN ('buyer', 'unknown') AND NOT pending
            AND NOT (ambiguous AND responsibility_other IN ('buyer', 'unknown')))
            FILTER (seen AND stage = 'return_refund') AS return_fault_least,
        bool_or(pending OR responsibility <> 'buyer' OR (ambiguous AND responsibility_other <> 'buyer'))
            FILTER (seen AND stage = 'return_refund') AS return_fault_other,
        bool_or(responsibility = 'seller') FILTER (seen AND stage = 'return_refund') AS return_seller,
        bool_or(responsibility = 'seller' AND NOT ambiguous AND NOT pending)
            FILTER (seen AND stage = 'return_refund') AS return_seller_least,
        bool_or((ambiguous OR pending) AND responsibility_other = 'seller' OR responsibility = 'unknown')
            FILTER (seen AND stage = 'return_refund') AS return_seller_other,
        bool_or(asked AND responsibility = 'seller' OR lost_on_way) FILTER (seen) AS back_fault,
        bool_or(asked AND responsibility = 'seller' AND NOT ambiguous AND NOT pending OR lost_on_way AND NOT pending)
            FILTER (seen) AS back_fault_least,
        bool_or(asked AND ((ambiguous OR pending) AND responsibility_other = 'seller' OR responsibility = 'unknown'))
            FILTER (seen) AS back_fault_other,
        min(event_at) FILTER (seen AND (asked OR lost_on_way)) AS back_at,
        coalesce(sum(units) FILTER (seen AND stage = 'cancellation'), 0) AS units_cancelled,
        coalesce(sum(units) FILTER (seen AND stage = 'refund'), 0) AS units_refunded,
        coalesce(sum(units) FILTER (seen AND stage = 'return_refund'), 0) AS units_returned,
        coalesce(sum(amount) FILTER (seen AND stage = 'cancellation' AND currency = $currency), 0) AS amount_cancelled,
        coalesce(sum(amount) FILTER (seen AND stage = 'refund' AND currency = $currency), 0) AS amount_refunded,
        coalesce(sum(amount) FILTER (seen AND stage = 'return_refund' AND currency = $currency), 0) AS amount_returned,
        bool_or(amount IS NULL) FILTER (seen AND stage = 'cancellation' AND currency = $currency) AS blank_cancelled,
        bool_or(amount IS NULL) FILTER (seen AND stage = 'refund' AND currency = $currency) AS blank_refunded,
        bool_or(amount IS NULL) FILTER (seen AND stage = 'return_refund' AND currency = $currency) AS blank_returned
    FROM all_items GROUP BY order_id
),
judged AS (
    SELECT placed.*, lost.* EXCLUDE (order_id),
        NOT coalesce(never_paid, false)
            AND (cod OR coalesce(paid_at, first_ready_at, shipped_at, delivered_at) IS NOT NULL) AS paid,
        coalesce(failed_delivery OR refused, false) AS came_back,
        -- The second half is for a file that counts an order's lost units too low.
        coalesce(units_gone >= units OR (marked_whole AND still_to_come = 0), false) AND units_gone IS NOT NULL
            AS gone_whole
    FROM placed LEFT JOIN lost USING (order_id)
),
timed AS (
    SELECT judged.*,
        gone_whole AND NOT came_back AND (shipped_at IS NULL OR cancel_at < shipped_at) AS cancelled
    FROM judged
),
due AS (
    SELECT timed.* REPLACE (
            CASE WHEN cancelled_as_late AND cancelled AND cancel_at < due_at THEN cancel_at ELSE due_at END AS due_at),
        coalesce(due_at IS NOT NULL AND cancelled AND cancelled_as_late, false) AS late_by_platform
    FROM timed
),
flagged AS (
    SELECT due.*,
        paid AND coalesce(late_by_platform OR (
            due_at <= cut.at AND NOT coalesce(undated, false)
            AND NOT (gone_whole AND cancel_at <= due_at AND (met_at IS NULL OR cancel_at < met_at))
        ), false) AS dispatch_due
    FROM due, cut
)
SELECT shop_id, order_id, currency, other_currency, cod, by_platform, paid, NOT paid AS unpaid, units,
    amount,
    cancelled,
    CASE WHEN cancelled THEN cancelled_by END AS cancelled_by,
    cancelled AND cancelled_by = 'buyer' AS cancelled_by_buyer,
    cancelled AND cancelled_by = 'seller' AS cancelled_by_seller,
    cancelled AND cancelled_by IN ('system', 'operator') AS cancelled_by_system,
    cancelled AND cancelled_by = 'unknown' AS cancelled_by_unknown,
    cancelled AND paid AND coalesce(fault, false) AS seller_fault,
    cancelled AND paid AND coalesce(fault_least, false) AS seller_fault_least,
    cancelled AND paid AND coalesce(fault OR fault_other, false) AS seller_fault_other,
    coalesce(units_gone > 0, false) AND NOT gone_whole AND paid AS partly_cancelled,
    partly_cancelled AND coalesce(nameless, false) AS partly_cancelled_by_unknown,
    dispatch_due,
    -- due_at is the first moment after the deadline
    dispatch_due AND (late_by_platform OR met_at IS NULL OR met_at >= due_at) AS late_dispatch,
    paid AND (ready_at IS NOT NULL OR says_shipped OR refund_at IS NOT NULL) AS dispatched,
    shipped_at IS NOT NULL OR says_shipped OR came_back AS shipped,
    delivered_at IS NOT NULL OR says_delivered OR return_at IS NOT NULL AS delivered,
    delivered_at IS NOT NULL OR says_delivered OR return_at IS NOT NULL OR came_back AS delivery_ended,
    -- Known by nothing but the loss itself: a rate over such orders alone would be 100 %.
    paid AND refund_at IS NOT NULL AND ready_at IS NULL AND NOT says_shipped AS dispatched_by_loss,
    return_at IS NOT NULL AND delivered_at IS NULL AND NOT says_delivered AS delivered_by_loss,
    (return_at IS NOT NULL OR came_back) AND delivered_at IS NULL AND NOT says_delivered AS ended_by_loss,
    paid AND NOT gone_whole AND created_at < $cut::TIMESTAMP - INTERVAL 30 DAY AS should_have_arrived,
    should_have_arrived AND NOT delivery_ended AS arrival_unknown,
    came_back,
    coalesce(units_gone > 0, false) AS lost_by_cancelling,
    -- No file says when: the day of the order stands in, which is no day of the loss.
    coalesce(units_gone > 0 AND cancel_at = created_at AND NOT cancel_dated, false) AS cancel_undated,
    coalesce(failed_delivery, false) AS failed_delivery,
    coalesce(refused, false) AS refused,
    paid AND refund_at IS NOT NULL AS refunded_any,
    return_at IS NOT NULL AS returned_any,
    coalesce(return_fault, false) AS non_buyer_fault_return,
    coalesce(return_fault_least, false) AS non_buyer_fault_return_least,
    coalesce(return_fault OR return_fault_other, false) AS non_buyer_fault_return_other,
    coalesce(return_seller, false) AS seller_fault_return,
    coalesce(return_seller_least, false) AS seller_fault_return_least,
    coalesce(return_seller OR return_seller_other, false) AS seller_fault_return_other,
    coalesce(back_fault, false) AS seller_fault_back,
    coalesce(back_fault_least, false) AS seller_fault_back_least,
    coalesce(back_fault OR back_fault_other, false) AS seller_fault_back_other,
    coalesce(in_transit, false) AS cancelled_in_transit,
    coalesce(units_cancelled, 0)::BIGINT AS units_cancelled,
    coalesce(units_refunded, 0)::BIGINT AS units_refunded,
    coalesce(units_returned, 0)::BIGINT AS units_returned,
    CASE WHEN blank_cancelled THEN NULL ELSE coalesce(amount_cancelled, 0) END AS amount_cancelled,
    CASE WHEN blank_refunded THEN NULL ELSE coalesce(amount_refunded, 0) END AS amount_refunded,
    CASE WHEN blank_returned THEN NULL ELSE coalesce(amount_returned, 0) END AS amount_returned,
    created_at::DATE AS created_date,
    CASE WHEN paid THEN clock_from::DATE END AS paid_date,
    -- The last day on which it was still in time.
    (due_at - INTERVAL 1 MICROSECOND)::DATE AS due_date,
    CASE WHEN paid THEN coalesce(ready_at, refund_at)::DATE END AS dispatched_date,
    CASE WHEN came_back THEN coalesce(shipped_at, failed_at) ELSE shipped_at END::DATE AS shipped_date,
    coalesce(delivered_at, return_at)::DATE AS delivered_date,
    coalesce(delivered_at, failed_at, return_at)::DATE AS ended_date,
    failed_at::DATE AS failed_date,
    CASE WHEN cancelled THEN cancel_at END::DATE AS cancelled_date,
    cancel_at::DATE AS last_cancel_date,
    refund_at::DATE AS refund_date,
    return_at::DATE AS return_date,
    back_at::DATE AS back_date,
    in_transit_at::DATE AS in_transit_date
FROM flagged ORDER BY created_at, order_id
