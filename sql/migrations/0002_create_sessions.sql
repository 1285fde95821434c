-- One line per recording: what lists show.
--
-- One row is one version of a session's running totals, a record of replay.sessions.v1; the highest version stays.
CREATE TABLE sessions
(
    project LowCardinality(String) COMMENT 'Project name',
    started_at DateTime64(3, 'UTC') COMMENT 'First receipt, server clock',
    session_id UUID COMMENT 'Session',
    version UInt64 COMMENT 'Number of these totals; the highest is the truth',
    last_received_at DateTime64(3, 'UTC') COMMENT 'Receipt of the last payload, server clock',
    first_ms Int64 COMMENT 'Earliest event, client clock, ms since 1970',
    last_ms Int64 COMMENT 'Latest event, client clock, ms since 1970',
    skew_ms Int64 COMMENT 'Server clock less client clock, of the first payload that says it',
    payloads UInt64 COMMENT 'Payloads stored',
    blocks UInt64 COMMENT 'Blocks they went into',
    keyframes UInt64 COMMENT 'Payloads that hold a full snapshot',
    gaps UInt64 COMMENT 'Payloads that never arrived',
    bytes_raw UInt64 COMMENT 'Bytes as JSON lines',
    bytes_stored UInt64 COMMENT 'Bytes in blocks',
    events UInt64 COMMENT 'rrweb events',
    clicks UInt64 COMMENT 'Mouse clicks',
    keys UInt64 COMMENT 'Changes of fields',
    scrolls UInt64 COMMENT 'Scroll events',
    inputs UInt64 COMMENT 'Input events',
    errors UInt64 COMMENT 'Console errors',
    masked UInt64 COMMENT 'Values masked by the privacy policy',
    blocked UInt64 COMMENT 'Elements and events left out by the privacy policy',
    dropped UInt64 COMMENT 'Events dropped by the privacy policy',
    active_ms UInt64 COMMENT 'Time with a person at work, ms',
    country LowCardinality(String) COMMENT 'ISO 3166-1 code, or empty',
    region LowCardinality(String) COMMENT 'Region, or empty',
    city LowCardinality(String) COMMENT 'City, or empty',
    browser LowCardinality(String) COMMENT 'Browser, or empty',
    os LowCardinality(String) COMMENT 'Operating system, or empty',
    device LowCardinality(String) COMMENT 'Kind of device, or empty',
    bot Bool COMMENT 'Calls itself an automatic visitor',
    user String COMMENT 'User the page identified, or empty',
    windows Nested(id UUID, first_ms Int64, last_ms Int64) COMMENT 'Browser tabs',
    pages Nested(at_ms Int64, url String) COMMENT 'Pages visited, redacted URLs',
    policy LowCardinality(String) COMMENT 'Version of the privacy policy applied last',
    stored_at DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'When this row was written',
    expires_on Date COMMENT 'Last day of the session',
    epoch LowCardinality(String) COMMENT 'Topic id: another one after the topic was made anew',
    topic LowCardinality(String) COMMENT 'Topic read',
    partition UInt32 COMMENT 'Partition read',
    offset UInt64 COMMENT 'Offset read',
    INDEX by_session session_id TYPE bloom_filter GRANULARITY 1,
    PROJECTION stored_to
    (
        SELECT expires_on, epoch, topic, partition, max(offset) GROUP BY expires_on, epoch, topic, partition
    )
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY expires_on
ORDER BY (project, started_at, session_id)
TTL expires_on + INTERVAL 1 DAY
SETTINGS
    index_granularity = 1024,
    ttl_only_drop_parts = 1,
    non_replicated_deduplication_window = 1000,
    deduplicate_merge_projection_mode = 'rebuild'
COMMENT 'Recordings, one row each after merging';
