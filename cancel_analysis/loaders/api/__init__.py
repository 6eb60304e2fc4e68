"""Responses of the Partner API → canonical tables."""
