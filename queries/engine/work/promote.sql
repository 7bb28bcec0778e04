-- Makes the next row of each of these concurrency keys claimable, where the key is free.
-- bind: keys
SELECT ordctl.promote($1::text[])
