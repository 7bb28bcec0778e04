-- fixes what a role or a database may have set otherwise for a migrating session
SET search_path = pg_catalog;
SET client_min_messages = warning;
SET standard_conforming_strings = on;
SET default_transaction_isolation = 'read committed';
