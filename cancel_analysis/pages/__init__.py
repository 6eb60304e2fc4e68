"""Pages over all shops: the morning brief and the portfolio."""
