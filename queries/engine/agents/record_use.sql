-- Records that a credential was used.
-- bind: id
UPDATE ordctl.credential SET last_used_at = now() WHERE id = $1::uuid
