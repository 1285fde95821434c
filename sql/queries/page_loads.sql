-- Page loads of a recording, tab after tab by first event, page loads by theirs; ids say nothing of time that holds.
-- Only those with an event in the asked range of client time; an empty window means all.
-- Start and last day are the recording's: a session may have been begun more than once.
SELECT
    toString(window_id) AS window,
    toString(page) AS page_load,
    min(min(first_ms)) OVER (PARTITION BY window_id) AS window_first_ms
FROM blocks
WHERE project = {project:String}
    AND session_id = toUUID({session:String})
    AND started_at = fromUnixTimestamp64Milli({started_ms:Int64}, 'UTC')
    AND expires_on = {expires_on:Date}
    AND ({window:String} = '' OR window_id = toUUIDOrZero({window:String}))
GROUP BY window_id, page
HAVING max(last_ms) >= {from_ms:Int64} AND min(first_ms) <= {to_ms:Int64}
ORDER BY window_first_ms, window, min(first_ms), page_load
