"""Reads replay.parts.v1, writes replay.blocks.v1 and replay.sessions.v1: payloads gathered, sessions summed up."""
