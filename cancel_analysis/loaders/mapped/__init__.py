"""Files of other platforms, read as a mapping says → canonical tables."""
