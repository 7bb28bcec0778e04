pub mod error;
pub mod postgres;
pub use error::ClientError;
