//! Checks a file. (Stands in until the checker is here.)

use crate::diag::Sink;
use crate::hir::Experiment;
use crate::source::{SourceId, SourceMap};
use crate::syntax::ast::File;

/// Stub.
pub trait Loader {
    /// Stub.
    fn library(&self, name: &str) -> Option<(String, String)>;
    /// Stub.
    fn source(&self, from: SourceId, path: &str) -> Result<(String, String), LoadError>;
    /// Stub.
    fn bytes(&self, from: SourceId, path: &str) -> Result<Vec<u8>, LoadError>;
}

/// Stub.
#[derive(Debug, Clone, Default)]
pub struct LoadError {
    /// Stub.
    pub reason: String,
    /// Stub.
    pub nearest: Option<String>,
}

/// Stub.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    /// Stub.
    pub params: Vec<(String, String)>,
    /// Stub.
    pub seed: Option<u64>,
    /// Stub.
    pub case: Vec<String>,
}

/// Stub.
pub fn check(_: &File, _: &mut SourceMap, _: &dyn Loader, _: &Overrides, _: &mut Sink) -> Option<Experiment> {
    None
}
