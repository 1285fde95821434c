"""The command that writes and lists tombstones."""
