//! The engine's promises, each with real nodes on a real database.

mod adoption;
mod batches;
mod claims;
mod conditions;
mod crashes;
mod leases;
mod letters;
mod order;
mod retention;
mod scheduling;
mod steering;
mod steps;
mod streams;
mod upstream;
