-- What a project lost in a time range, by stage and reason, with a few places to look at.
-- Empty text means: any session, any payload.
SELECT
    stage,
    reason,
    kind,
    sum(payloads) AS payloads_lost,
    sum(events) AS events_lost,
    sum(bytes) AS bytes_lost,
    toUnixTimestamp64Milli(min(received_at)) AS first_received_ms,
    toUnixTimestamp64Milli(max(received_at)) AS last_received_ms,
    groupArray({samples:UInt8})(
        (payload_id, session_id, window_id, page, seq, source, toUnixTimestamp64Milli(received_at))
    ) AS samples
FROM losses FINAL
WHERE project = {project:String}
    AND expires_on >= toDate(now('UTC'))
    AND received_at >= fromUnixTimestamp64Milli({from_ms:Int64}, 'UTC')
    AND received_at < fromUnixTimestamp64Milli({to_ms:Int64}, 'UTC')
    AND ({session:String} = '' OR session_id = {session:String})
    AND ({id:String} = '' OR payload_id = {id:String})
GROUP BY stage, reason, kind
ORDER BY stage, reason, kind
SETTINGS do_not_merge_across_partitions_select_final = 1
