-- A page of a project's recordings by start, newest first, after the place a cursor names.
-- Empty text, a negative number or an upper bound far away mean: no such filter.
-- A session that was begun more than once is there for each start: see `begun_again`.
SELECT *
FROM recordings
WHERE project = {project:String}
    AND started_at >= fromUnixTimestamp64Milli({from_ms:Int64}, 'UTC')
    AND started_at < fromUnixTimestamp64Milli({to_ms:Int64}, 'UTC')
    AND (
        {after_session:String} = ''
        OR (started_at, session_id)
            < (fromUnixTimestamp64Milli({after_ms:Int64}, 'UTC'), toUUIDOrZero({after_session:String}))
    )
    AND ({user:String} = '' OR user = {user:String})
    AND ({country:String} = '' OR country = {country:String})
    AND ({browser:String} = '' OR browser = {browser:String})
    AND ({device:String} = '' OR device = {device:String})
    AND ({url:String} = '' OR arrayExists(visited -> position(visited, {url:String}) > 0, page_urls))
    AND duration_ms >= {min_duration_ms:Int64}
    -- Where errors were not measured, a session has neither any nor none.
    AND ({has_errors:Int8} < 0 OR (errors_known AND (errors > 0) = ({has_errors:Int8} = 1)))
ORDER BY started_at DESC, session_id DESC
LIMIT {limit:UInt32}
