-- Name and encoding of the database.
SELECT current_database() AS database, current_setting('server_encoding') AS encoding
