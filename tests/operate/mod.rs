//! Restarting and scaling services on a real Docker engine.

mod auto;
mod restart;
mod restart_database;
mod scale;
mod swarm;
mod tasks;
mod watch;
