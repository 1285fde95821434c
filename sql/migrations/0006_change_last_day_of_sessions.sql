-- See 0005: the last day ends in UTC, whatever time zone the server has.
ALTER TABLE sessions
    (MODIFY SETTING materialize_ttl_recalculate_only = 1),
    (MODIFY TTL toDateTime(expires_on + INTERVAL 1 DAY, 'UTC'));
