"""One shop's tables cut at a day, and every result made of them."""
