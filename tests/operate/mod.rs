//! Restarting and scaling services on a real Docker engine.

mod auto;
mod half_way;
mod replicas;
mod restart;
mod restart_database;
mod scale;
mod single;
mod status;
mod swarm;
mod tasks;
mod watch;
