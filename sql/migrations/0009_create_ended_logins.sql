-- Logins of the read side that were ended by their owners: a cookie is signed and works without a memory of it.
CREATE TABLE ended_logins
(
    project LowCardinality(String) COMMENT 'Project that the login opens',
    login String COMMENT 'Hash of the cookie, or empty: every login up to issued_to',
    issued_to DateTime('UTC') COMMENT 'With an empty login: those issued up to this second have ended',
    ends_at DateTime('UTC') COMMENT 'When the login would have ended by itself',
    stored_at DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'When this row was written'
)
ENGINE = MergeTree
ORDER BY stored_at
TTL ends_at + INTERVAL 1 DAY
COMMENT 'Logins ended before their time'
