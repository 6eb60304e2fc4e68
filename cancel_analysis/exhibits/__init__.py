"""Prose, tables and pictures as data, and how numbers and names are written."""
