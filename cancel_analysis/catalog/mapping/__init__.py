"""Mappings: how another platform's files are read, as YAML."""
