"""Reads replay.raw.v1, writes replay.enriched.v1: bodies opened, checked, put in order; the client address dies."""
