-- Creates the database of the embedded server.
CREATE DATABASE orchestrator
