"""A shop against limits, its own past, other shops and other platforms."""
