-- The latest version of every session that has not expired, in the shape readers want: times in ms, windows and pages as
-- plain lists. A session's last day is fixed with its start, so its versions are merged partition by partition.
-- What has expired is not shown, also while merges have not deleted it yet; the day is UTC.
CREATE OR REPLACE VIEW recordings AS
SELECT
    project,
    started_at,
    session_id,
    toString(session_id) AS session,
    toUnixTimestamp64Milli(started_at) AS started_ms,
    toUnixTimestamp64Milli(last_received_at) AS last_received_ms,
    first_ms,
    last_ms,
    greatest(last_ms - first_ms, 0) AS duration_ms,
    active_ms,
    skew_ms,
    keyframes,
    gaps,
    bytes_raw,
    bytes_stored,
    events,
    clicks,
    keys,
    scrolls,
    inputs,
    errors,
    masked,
    blocked,
    dropped,
    country,
    region,
    city,
    browser,
    os,
    device,
    bot,
    user,
    arrayMap(id -> toString(id), windows.id) AS window_ids,
    windows.first_ms AS window_first_ms,
    windows.last_ms AS window_last_ms,
    pages.at_ms AS page_at_ms,
    pages.url AS page_urls,
    toString(sessions.expires_on) AS expires_on
FROM sessions FINAL
WHERE sessions.expires_on >= toDate(now('UTC'))
SETTINGS do_not_merge_across_partitions_select_final = 1
COMMENT 'Recordings as readers see them, one row for each start of a session';
