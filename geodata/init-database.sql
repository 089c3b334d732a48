-- Run once by the PostGIS image in a new database (docker-compose.yml), as its superuser, by psql 15 or later.
-- What only a superuser can do: extensions and the two login roles. Everything else is `kyodo-geo db upgrade`.
-- Passwords come from the environment, so that they stand neither here nor on a command line.
\set ON_ERROR_STOP on
\set owner_password ''
\set app_password ''
\getenv owner_password DB_OWNER_PASSWORD
\getenv app_password DB_APP_PASSWORD
SELECT '' IN (:'owner_password', :'app_password') AS missing \gset
\if :missing
    DO $$ BEGIN RAISE EXCEPTION 'set DB_OWNER_PASSWORD and DB_APP_PASSWORD'; END $$;
\endif

BEGIN;
-- Owns the schema, runs the migrations, creates the audiences' roles; not a superuser.
CREATE ROLE kyodo_owner LOGIN NOSUPERUSER NOCREATEDB CREATEROLE NOREPLICATION PASSWORD :'owner_password';
-- The service. It inherits nothing: every transaction has to SET ROLE to the audience it works for.
CREATE ROLE kyodo_app LOGIN NOSUPERUSER NOINHERIT NOCREATEDB NOCREATEROLE NOREPLICATION PASSWORD :'app_password';

CREATE EXTENSION IF NOT EXISTS postgis;
CREATE EXTENSION IF NOT EXISTS btree_gist;
CREATE EXTENSION IF NOT EXISTS pg_trgm;

SELECT current_database() AS database \gset
ALTER DATABASE :"database" OWNER TO kyodo_owner;
REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"database" TO kyodo_app;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
COMMIT;
