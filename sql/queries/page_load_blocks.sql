-- Everything about the blocks of one page load but their values. Sources as hashes: only equality matters.
-- May name a block more than once: copies are merged in the background.
SELECT
    first_seq,
    last_seq,
    part,
    parts,
    value_bytes,
    value_sha256,
    generation,
    keyframe,
    first_ms,
    last_ms,
    length(value) AS size,
    arrayMap(source -> cityHash64(source), sources) AS source_hashes,
    epoch,
    topic,
    partition,
    offset
FROM blocks
WHERE project = {project:String}
    AND session_id = toUUID({session:String})
    AND started_at = fromUnixTimestamp64Milli({started_ms:Int64}, 'UTC')
    AND expires_on = {expires_on:Date}
    AND window_id = toUUID({window:String})
    AND page = toUUID({page_load:String})
ORDER BY first_seq, part
