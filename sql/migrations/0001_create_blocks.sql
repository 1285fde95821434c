-- Blocks of recorded events: what players read.
--
-- One row is one record of replay.blocks.v1. A row is itself again after any number of inserts: it replaces its
-- copies by the record's coordinates, which end the sort key. A whole day of sessions leaves at once, as a partition.
CREATE TABLE blocks
(
    project LowCardinality(String) COMMENT 'Project name',
    session_id UUID COMMENT 'Session',
    window_id UUID COMMENT 'Browser tab',
    page UUID COMMENT 'Page load; rrweb node ids restart on each',
    first_seq UInt32 COMMENT 'Number of the first payload in the page load',
    last_seq UInt32 COMMENT 'Number of the last payload; numbers between may be elsewhere',
    part UInt16 COMMENT 'Place of this piece when one value was cut, from 0',
    parts UInt16 COMMENT 'Pieces of the value, 1 when it was not cut',
    value_bytes UInt64 COMMENT 'Bytes of the whole value, all pieces together',
    value_sha256 String COMMENT 'SHA-256 (hex) of the whole value when it was cut, else empty',
    generation UInt32 COMMENT 'A higher generation replaces lower ones of the same payloads',
    keyframe Bool COMMENT 'Holds a full snapshot',
    events UInt32 COMMENT 'rrweb events; of a cut value all are counted on piece 0',
    first_ms Int64 COMMENT 'Earliest event, client clock, ms since 1970',
    last_ms Int64 COMMENT 'Latest event, client clock, ms since 1970',
    bytes_raw UInt64 COMMENT 'Bytes as JSON lines',
    policy LowCardinality(String) COMMENT 'Version of the privacy policy applied',
    sources Array(String) COMMENT 'Raw records inside: <topic id>/<topic>/<partition>/<offset>',
    value String CODEC(NONE) COMMENT 'JSON lines in one or more zstd frames, or a piece of that',
    started_at DateTime64(3, 'UTC') COMMENT 'First receipt of the session, server clock',
    received_at DateTime64(3, 'UTC') COMMENT 'Receipt of the last payload, server clock',
    stored_at DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'When this row was written',
    expires_on Date COMMENT 'Last day of the session',
    epoch LowCardinality(String) COMMENT 'Topic id: another one after the topic was made anew',
    topic LowCardinality(String) COMMENT 'Topic read',
    partition UInt32 COMMENT 'Partition read',
    offset UInt64 COMMENT 'Offset read',
    PROJECTION stored_to
    (
        SELECT expires_on, epoch, topic, partition, max(offset) GROUP BY expires_on, epoch, topic, partition
    )
)
ENGINE = ReplacingMergeTree
PARTITION BY expires_on
ORDER BY (
    project, session_id, window_id, page, first_seq, part, generation, epoch, topic, partition, offset
)
TTL expires_on + INTERVAL 1 DAY
SETTINGS
    -- Values are hundreds of kilobytes: the usual 8192 rows would read gigabytes to find one session.
    index_granularity = 128,
    ttl_only_drop_parts = 1,
    non_replicated_deduplication_window = 1000,
    deduplicate_merge_projection_mode = 'rebuild'
COMMENT 'Recorded events, compressed, in the order of page loads';
