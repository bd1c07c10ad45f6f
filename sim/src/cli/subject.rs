//! Who is put under test, for every command that plays plans.

use clap::Args;

use crate::subjects::{UnderTest, UnderTestError};

/// `--subject`, `--defects`, `--without-defects`.
#[derive(Debug, Args)]
pub(super) struct SubjectArgs {
    /// Who is under test: `holdline`, or `published`, the clients of the articles
    #[arg(long, default_value = "holdline", value_name = "NAME")]
    subject: String,
    /// The only defects that `published` has, like A14,B3, or `none` [default: all]
    #[arg(long, value_name = "IDS")]
    defects: Option<String>,
    /// Defects that `published` does not have
    #[arg(long, value_name = "IDS")]
    without_defects: Option<String>,
}

impl SubjectArgs {
    /// The subject that is meant.
    pub(super) fn choose(&self) -> Result<UnderTest, UnderTestError> {
        let (with, without) = (self.defects.as_deref(), self.without_defects.as_deref());
        UnderTest::choose(&self.subject, with, without)
    }
}
