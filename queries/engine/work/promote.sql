-- lets the next row of each of these keys be claimed, where the key is free
-- bind: keys
SELECT ordctl.promote($1::text[])
