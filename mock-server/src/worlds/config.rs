//! What can be chosen about the mock as a whole.

use crate::core::CloudConfig;

/// Who may use the control API.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum ControlAccess {
    /// Who connects from this machine.
    #[default]
    Loopback,
    /// Who sends this token, as `Authorization: Bearer` or `?token=`, from wherever.
    Token(String),
}

/// How the mock behaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MockConfig {
    /// What every new world's cloud is like.
    pub cloud: CloudConfig,
    /// Feeds ids and tokens; every tenant's differ.
    pub seed: u64,
    /// Tenants at a time; one more is refused with 503 `tenants.exhausted`. Default 10,000.
    pub max_tenants: usize,
    /// The names below which the host's first label is a tenant. Default `localhost`.
    pub domains: Vec<String>,
    /// Origins that browsers may come from, like `https://shop.example`; none is all of them.
    pub allowed_origins: Vec<String>,
    /// Who may use the control API.
    pub control: ControlAccess,
    /// Journal entries kept for each tenant. Default 10,000.
    pub journal_entries: usize,
    /// How fast the clocks of new worlds run, in thousandths of real time; 0 stands still.
    /// Default 1000.
    pub speed: u64,
}

impl Default for MockConfig {
    fn default() -> Self {
        Self {
            cloud: CloudConfig::default(),
            seed: 1,
            max_tenants: 10_000,
            domains: vec!["localhost".to_owned()],
            allowed_origins: Vec::new(),
            control: ControlAccess::default(),
            journal_entries: 10_000,
            speed: 1000,
        }
    }
}
