//! Who is put under test, for every command that plays plans.

use clap::Args;

use holdline_sim::subjects::{UnderTest, UnderTestError};

/// `--subject`, `--defects`, `--without-defects`.
#[derive(Debug, Args)]
pub(super) struct SubjectArgs {
    /// Who is under test: `holdline`, or `published`, the clients of the articles [default: the
    /// one a token names, else holdline]
    #[arg(long, value_name = "NAME")]
    subject: Option<String>,
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
        Ok(self.chosen()?.unwrap_or(UnderTest::Holdline))
    }

    /// The subject, if anything is said about it.
    pub(super) fn chosen(&self) -> Result<Option<UnderTest>, UnderTestError> {
        let (with, without) = (self.defects.as_deref(), self.without_defects.as_deref());
        let named = with.is_some() || without.is_some();
        let name = self.subject.as_deref().or(named.then_some("holdline"));
        name.map(|name| UnderTest::choose(name, with, without)).transpose()
    }
}
