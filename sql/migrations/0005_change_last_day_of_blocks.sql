-- The last day of a recording ends in UTC, whatever time zone the server has: a Date alone is a moment in the server's.
-- What is stored only has its time of deletion made anew; no data is read or written for it.
ALTER TABLE blocks
    (MODIFY SETTING materialize_ttl_recalculate_only = 1),
    (MODIFY TTL toDateTime(expires_on + INTERVAL 1 DAY, 'UTC'));
