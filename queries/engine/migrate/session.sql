-- Settings of a migration session, independent of those of the role and the database.
SET search_path = pg_catalog;
SET client_min_messages = warning;
SET standard_conforming_strings = on;
SET default_transaction_isolation = 'read committed';
