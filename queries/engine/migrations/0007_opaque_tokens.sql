-- access tokens are opaque: a session stores the digest of its access token
--
-- Sessions without one were opened by an earlier release; a refresh gives them one.
ALTER TABLE ordctl.session
    ADD COLUMN access            text,
    ADD COLUMN access_expires_at timestamptz;
COMMENT ON COLUMN ordctl.session.access IS 'SHA-256 of the valid access token, in hexadecimal';
COMMENT ON COLUMN ordctl.session.access_expires_at IS 'end of the access token; expires_at is the end of the refresh token';
