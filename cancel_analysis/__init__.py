"""Why TikTok Shop orders are cancelled and items come back, whose fault it is, and what to do."""

__version__ = "0.1.0"
