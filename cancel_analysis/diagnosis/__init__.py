"""Why items were lost: what stands out, what changed, what it costs and what a fix is worth."""
