-- One row an order: what was known of it at the end of one day.
-- Tables: lines (ORDER_LINES), items (AFFECTED_ITEMS), deadlines (value, unit, valid_from, valid_to), times as the
-- shop's wall clock. Parameters: $cut, the first moment that is not seen; $currency, the shop's.
-- A cancellation is an item that came from the order itself; one with a return request is a return.
WITH cut AS (SELECT $cut::TIMESTAMP AS at),
known_lines AS (
    SELECT shop_id, order_id, sku_id, line_no, quantity, is_cod, created_at,
           line_amount, currency,
           -- A status is evidence too: many files say that an order was completed, and never when. Where there is
           -- a time, it alone tells whether the event was before the cut.
           delivered_at IS NULL AND (status = 'completed' OR coalesce(substatus IN ('delivered', 'completed'), false))
               AS says_delivered,
           coalesce(rts_at, shipped_at, delivered_at) IS NULL AND status IN ('shipped', 'completed') AS says_shipped,
           CASE WHEN paid_at < cut.at THEN paid_at END AS paid_at,
           CASE WHEN coalesce(rts_at, shipped_at) < cut.at THEN coalesce(rts_at, shipped_at) END AS ready_at,
           CASE WHEN shipped_at < cut.at THEN shipped_at END AS shipped_at,
           CASE WHEN delivered_at < cut.at THEN delivered_at END AS delivered_at
    FROM lines, cut WHERE created_at < cut.at
),
all_items AS (
    SELECT items.*, event_at < cut.at AS seen, return_id IS NULL AND stage <> 'return_refund' AS is_cancel
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
           sum(quantity)::BIGINT AS units,
           -- Where no line says its amount the order's is not known; nothing is 0 for want of a column.
           CASE WHEN count(*) FILTER (currency = $currency) > 0
                    AND count(line_amount) FILTER (currency = $currency) = 0 THEN NULL
                ELSE coalesce(sum(line_amount) FILTER (currency = $currency), 0) END AS amount,
           bool_or(says_delivered) AS says_delivered,
           bool_or(says_shipped) AS says_shipped,
           min(shipped_at) AS shipped_at,
           max(delivered_at) AS delivered_at,
           min(ready_at) AS first_ready_at,
           -- Ready is the order whose every unit still wanted is ready; of one cancelled whole, what was ready counts.
           CASE WHEN bool_or(coalesce(lost, 0) < quantity)
                THEN CASE WHEN bool_and(ready_at IS NOT NULL) FILTER (coalesce(lost, 0) < quantity)
                          THEN max(ready_at) FILTER (coalesce(lost, 0) < quantity) END
                ELSE max(ready_at) END AS ready_at
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
            AS gone_whole,
        CASE WHEN cod THEN created_at ELSE coalesce(paid_at, created_at) END AS clock_from
    FROM placed LEFT JOIN lost USING (order_id)
),
timed AS (
    SELECT judged.*,
        gone_whole AND NOT came_back AND (shipped_at IS NULL OR cancel_at < shipped_at) AS cancelled,
        CASE unit
            WHEN 'hours' THEN clock_from + to_minutes((value * 60)::BIGINT)
            WHEN 'calendar_days' THEN date_trunc('day', clock_from) + to_days((value + 1)::INTEGER)
            -- Monday to Friday; a weekend's order counts from the Friday before. Public holidays are not known.
            WHEN 'business_days' THEN date_trunc('day', clock_from) + to_days((
                1 + value - greatest(isodow(clock_from) - 5, 0)
                + 2 * ((least(isodow(clock_from), 5) - 1 + value)::INTEGER // 5))::INTEGER)
        END AS due_at
    FROM judged LEFT JOIN deadlines
        ON clock_from::DATE BETWEEN deadlines.valid_from::DATE AND deadlines.valid_to::DATE
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
            due_at <= cut.at AND NOT (gone_whole AND cancel_at <= due_at AND (ready_at IS NULL OR cancel_at < ready_at))
        ), false) AS dispatch_due
    FROM due, cut
)
SELECT shop_id, order_id, currency, other_currency, cod, paid, NOT paid AS unpaid, units,
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
    dispatch_due,
    -- due_at is the first moment after the deadline
    dispatch_due AND (late_by_platform OR ready_at IS NULL OR ready_at >= due_at) AS late_dispatch,
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
    coalesce(units_cancelled, 0)::BIGINT AS units_cancelled,
    coalesce(units_refunded, 0)::BIGINT AS units_refunded,
    coalesce(units_returned, 0)::BIGINT AS units_returned,
    CASE WHEN blank_cancelled THEN NULL ELSE coalesce(amount_cancelled, 0) END AS amount_cancelled,
    CASE WHEN blank_refunded THEN NULL ELSE coalesce(amount_refunded, 0) END AS amount_refunded,
    CASE WHEN blank_returned THEN NULL ELSE coalesce(amount_returned, 0) END AS amount_returned,
    created_at::DATE AS created_date,
    CASE WHEN paid THEN clock_from::DATE END AS paid_date,
    -- The last day on which being ready was still in time.
    (due_at - INTERVAL 1 MICROSECOND)::DATE AS due_date,
    CASE WHEN paid THEN coalesce(ready_at, refund_at)::DATE END AS dispatched_date,
    CASE WHEN came_back THEN coalesce(shipped_at, failed_at) ELSE shipped_at END::DATE AS shipped_date,
    coalesce(delivered_at, return_at)::DATE AS delivered_date,
    coalesce(delivered_at, failed_at, return_at)::DATE AS ended_date,
    failed_at::DATE AS failed_date,
    CASE WHEN cancelled THEN cancel_at END::DATE AS cancelled_date,
    cancel_at::DATE AS last_cancel_date,
    refund_at::DATE AS refund_date,
    return_at::DATE AS return_date
FROM flagged ORDER BY created_at, order_id
