"""The way in: admits a payload, bounds it, stamps it, appends it to the log and answers. Never opens a body."""
