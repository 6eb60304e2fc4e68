"""The front door for analysts: a shop opened once, and every result of it one attribute away."""
