-- gives back conditions whose evaluation came to nothing: they are due at once
-- bind: tokens
UPDATE ordctl.condition SET token = NULL, next_at = now() WHERE token = ANY ($1::uuid[])
