-- What each of some sessions of a project lost, by stage and reason.
SELECT session_id AS session, stage, reason, kind, sum(payloads) AS payloads_lost, sum(events) AS events_lost
FROM losses FINAL
WHERE project = {project:String}
    AND session_id IN {sessions:Array(String)}
    AND expires_on >= toDate(now('UTC'))
GROUP BY session_id, stage, reason, kind
ORDER BY session_id, stage, reason, kind
SETTINGS do_not_merge_across_partitions_select_final = 1
