-- what time is it?
SELECT now() AS now
