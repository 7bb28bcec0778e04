//! The engine's promises tested with real nodes on a real database.

mod adoption;
mod batches;
mod bounds;
mod chaos;
mod claims;
mod conditions;
mod crashes;
mod dead_letters;
mod encodings;
mod failover;
mod failures;
mod leases;
mod lists;
mod order;
mod progress;
mod retention;
mod scheduling;
mod silence;
mod steering;
mod steps;
mod streams;
mod tail;
mod upstream;
