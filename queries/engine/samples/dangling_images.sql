-- Records which images of a Docker engine have no tag.
-- bind: at, engine, images
INSERT INTO ordctl.sample (at, name, label, value)
SELECT $1::timestamptz, 'docker_nameless', $2::text || '/' || i.id, 1
  FROM jsonb_array_elements_text($3::jsonb) AS i (id)
    ON CONFLICT DO NOTHING
