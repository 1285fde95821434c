"""The last stage: blocks, session summaries and losses become rows of ClickHouse, each once."""
