"""Where each lost item was lost, whose responsibility it was and why: ORDER_LINES and returns → AFFECTED_ITEMS."""
