"""The command `cancel-analysis`."""
