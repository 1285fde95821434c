"""What the processes of Reelstream agree on: topics, records, headers, reasons, metrics, projects. No I/O here."""
