//! The platform that runs the services: its neutral types and the [`Platform`] trait.
//!
//! Docker (compose projects and swarm stacks) is one implementation. Nothing above `clients` but
//! `tools/docker` names an implementation; [`super::Clients::platform`] hands it out. A new platform
//! is a module beside [`docker`] that implements [`Platform`] and [`HintCommands`].

mod batch;
mod change;
mod commands;
pub mod docker;
mod instance;
mod log_lines;
mod usage;

use std::any::Any;
use std::path::PathBuf;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use futures_util::stream::BoxStream;
use tokio::sync::{Notify, mpsc};

use super::ClientError;
use crate::model::Consented;

pub(crate) use batch::{Batch, LineFilter, TimedLine};
pub(crate) use change::{
    Addition, BlockedUpdate, Change, ManagedService, ServiceChange, ServiceKind, ServiceUpdate,
};
pub(crate) use commands::HintCommands;
#[cfg(test)]
pub(crate) use commands::testing;
pub(crate) use instance::{Health, Instance, InstanceDetails, InstanceRef, LogSize, LogSource};
pub(crate) use log_lines::{Line, LineSink, Stream, time_key};
pub(crate) use usage::ResourceUsage;

/// The source of findings about services and their instances.
pub(crate) const SYSTEM: &str = "docker";

/// A project that was found by one of its ports.
#[derive(Debug)]
pub(crate) struct FoundProject {
    pub(crate) name: String,
    pub(crate) services: Vec<String>,
}

#[async_trait]
pub(crate) trait Platform: Send + Sync {
    /// Where the platform is reached.
    fn address(&self) -> &str;

    /// The project (namespace, stack) to which commands are limited.
    fn project(&self) -> Option<&str>;

    /// Whether it runs on this machine, so that this machine's load and memory are those of the instances.
    fn is_local(&self) -> bool;

    /// The directory on this machine that holds images and containers; none where it is elsewhere.
    async fn data_dir(&self) -> Result<Option<PathBuf>, ClientError>;

    /// Commands for hints. They reach the same platform, whatever the shell's environment is.
    fn commands(&self) -> &dyn HintCommands;

    /// Whether an instance belongs to a service.
    fn is_member(&self, instance: &InstanceRef, service: &str) -> bool;

    /// Whether an instance belongs to the configured services; without any, to the project.
    fn is_selected(&self, instance: &InstanceRef) -> bool;

    /// All instances whose logs and usage can be read here, running or not, sorted by name. Replaced
    /// instances are left out.
    async fn list(&self) -> Result<Vec<InstanceRef>, ClientError>;

    /// [`Platform::list`] with the instances that were replaced: their logs tell why.
    async fn list_with_replaced(&self) -> Result<Vec<InstanceRef>, ClientError>;

    /// The details of instances, in the same order. Instances that are gone are left out.
    async fn inspect(&self, instances: Vec<InstanceRef>) -> Result<Vec<InstanceDetails>, ClientError>;

    /// What an instance uses now; none when it is gone. May take two seconds.
    async fn usage(&self, instance: &InstanceRef) -> Result<Option<ResourceUsage>, ClientError>;

    /// The size of an instance's log.
    fn log_size(&self, instance: &InstanceDetails) -> LogSize;

    /// Passes all lines since an instant to the sink, and returns the sink at the present end of the log.
    /// The sink may run on a thread of its own and may block.
    async fn read_log_into(
        &self,
        instance: &InstanceDetails,
        since: DateTime<Utc>,
        sink: Box<dyn LineSink>,
    ) -> Result<Box<dyn LineSink>, ClientError>;

    /// Sends the lines since an instant that pass the filter, up to the present end of the log. With `last` only that
    /// many lines from the end are needed, before the filter; it may send a few more.
    async fn stream_log(
        &self,
        instance: &InstanceDetails,
        since: DateTime<Utc>,
        last: Option<usize>,
        filter: Box<dyn LineFilter>,
        to: mpsc::Sender<Batch>,
    ) -> Result<(), ClientError>;

    /// As [`Platform::stream_log`], and then new lines as they are written. When the instance has ended,
    /// waits for `restarted` and continues with the lines after its restart. Returns only when the instance
    /// is removed or the receiver is closed.
    async fn follow_log(
        &self,
        instance: &InstanceDetails,
        since: DateTime<Utc>,
        filter: Box<dyn LineFilter>,
        to: mpsc::Sender<Batch>,
        restarted: &Notify,
    ) -> Result<(), ClientError>;

    /// The ids of instances as they start, from an instant.
    async fn watch_starts(
        &self,
        since: DateTime<Utc>,
    ) -> Result<BoxStream<'static, Result<String, ClientError>>, ClientError>;

    /// The instances of a service, or of all selected services, by number and name. Unlike
    /// [`Platform::list`] these may run on other nodes.
    async fn instances(&self, service: Option<&str>) -> Result<Vec<Instance>, ClientError>;

    /// How a service is changed, and its state where the platform manages it.
    async fn service_kind(&self, service: &str) -> Result<ServiceKind, ClientError>;

    /// When the replica count of a managed service was changed, if that was its last change.
    async fn resized_at(&self, service: &str) -> Result<Option<DateTime<Utc>>, ClientError>;

    /// The changes after which `to` instances of a service run.
    async fn plan_resize(&self, service: &str, to: u32) -> Result<Vec<Change>, ClientError>;

    /// The changes that replace every instance of a managed service, one at a time; none for other services.
    async fn plan_rollout(&self, service: &str) -> Result<Vec<Change>, ClientError>;

    /// The exact API calls that a change makes.
    fn calls(&self, change: &Change) -> Vec<String>;

    /// Makes a change. A state that is already reached is no error.
    async fn apply(&self, change: &Change, consented: &Consented) -> Result<(), ClientError>;
}

impl<'p> dyn Platform + 'p {
    /// [`Platform::read_log_into`] for a sink of a known type.
    pub(crate) async fn read_log<S: LineSink>(
        &self,
        instance: &InstanceDetails,
        since: DateTime<Utc>,
        sink: S,
    ) -> Result<S, ClientError> {
        let sink: Box<dyn Any> = self.read_log_into(instance, since, Box::new(sink)).await?;
        sink.downcast()
            .map(|sink| *sink)
            .map_err(|_| ClientError::failed(SYSTEM, "another log sink came back"))
    }
}
