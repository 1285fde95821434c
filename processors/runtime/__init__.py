"""The only place that knows Quix Streams and Kafka: runs a stage exactly-once between topics, and the sink."""
