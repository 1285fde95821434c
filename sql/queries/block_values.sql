-- Values of some blocks of one page load, found by their place in the sort key and their offsets.
SELECT epoch, topic, partition, offset, value
FROM blocks
WHERE project = {project:String}
    AND session_id = toUUID({session:String})
    AND started_at = fromUnixTimestamp64Milli({started_ms:Int64}, 'UTC')
    AND expires_on = {expires_on:Date}
    AND window_id = toUUID({window:String})
    AND page = toUUID({page_load:String})
    AND first_seq >= {first_seq:UInt32}
    AND first_seq <= {last_seq:UInt32}
    AND offset IN {offsets:Array(UInt64)}
