-- What was dropped or set aside, and why: facts only, never content.
--
-- One row is one record of replay.losses.v1. Ids are text: a record that could not be understood may lack them.
CREATE TABLE losses
(
    project LowCardinality(String) COMMENT 'Project name, or empty',
    received_at DateTime64(3, 'UTC') COMMENT 'Receipt of the raw record, server clock',
    session_id String COMMENT 'Session, or empty',
    window_id String COMMENT 'Browser tab, or empty',
    page String COMMENT 'Page load, or empty',
    seq UInt32 COMMENT 'Number of the payload in the page load',
    payload_id String COMMENT 'Id that the 202 answered',
    stage LowCardinality(String) COMMENT 'Stage that gave up on it',
    reason LowCardinality(String) COMMENT 'Why, from the closed list of reasons',
    kind LowCardinality(String) COMMENT 'drop: only counts remain; dead: the bytes are set aside',
    payloads UInt32 COMMENT '1 when the whole payload was lost, 0 when some of its events were',
    events UInt64 COMMENT 'rrweb events lost, as far as known',
    bytes UInt64 COMMENT 'Bytes set aside',
    source String COMMENT 'Raw record: <topic id>/<topic>/<partition>/<offset>',
    stored_at DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'When this row was written',
    expires_on Date COMMENT 'Last day of this fact',
    epoch LowCardinality(String) COMMENT 'Topic id: another one after the topic was made anew',
    topic LowCardinality(String) COMMENT 'Topic read',
    partition UInt32 COMMENT 'Partition read',
    offset UInt64 COMMENT 'Offset read',
    INDEX by_session session_id TYPE bloom_filter GRANULARITY 1,
    INDEX by_payload payload_id TYPE bloom_filter GRANULARITY 1,
    PROJECTION stored_to
    (
        SELECT expires_on, epoch, topic, partition, max(offset) GROUP BY expires_on, epoch, topic, partition
    )
)
ENGINE = ReplacingMergeTree
PARTITION BY expires_on
ORDER BY (project, received_at, epoch, topic, partition, offset)
TTL expires_on + INTERVAL 1 DAY
SETTINGS
    index_granularity = 1024,
    ttl_only_drop_parts = 1,
    non_replicated_deduplication_window = 1000,
    deduplicate_merge_projection_mode = 'rebuild'
COMMENT 'Payloads and events that were not kept';
