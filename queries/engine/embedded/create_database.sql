-- makes the embedded server's database
CREATE DATABASE orchestrator
