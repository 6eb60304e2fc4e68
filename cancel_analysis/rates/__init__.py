"""Order facts, the daily cube, and the named rates made of it."""
