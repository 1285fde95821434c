"""Reads replay.redacted.v1, writes replay.parts.v1: values too large for the broker's default limit are cut."""
