-- Whether a valid credential exists, and whether one ever existed.
SELECT EXISTS (SELECT FROM ordctl.credential c
                WHERE c.revoked_at IS NULL AND (c.expires_at IS NULL OR c.expires_at > now())) AS live,
       EXISTS (SELECT FROM ordctl.credential) AS ever
