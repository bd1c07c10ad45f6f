//! The id of who is under test: `holdline`, `published`, `published+A14+B3` with these defects
//! alone, `published-A14` with all but these.
//!
//! Made for tokens and file names, so that it has neither blanks nor commas in it.

use super::published::defect::Defects;
use super::{Subject as _, UnderTest, UnderTestError};

impl UnderTest {
    /// The id; the shorter of the two where either would do.
    #[must_use]
    pub fn id(&self) -> String {
        let name = self.name();
        let Self::Published(published) = self else { return name.to_owned() };
        let (all, has) = (Defects::all(), published.defects());
        let with = signed('+', has);
        let without = signed('-', all.without(has));
        if has == Defects::none() {
            return format!("{name}+none");
        }
        let shorter = if without.len() < with.len() { without } else { with };
        name.to_owned() + &shorter
    }

    /// Who is meant by an id.
    pub fn from_id(id: &str) -> Result<Self, UnderTestError> {
        let sign = id.find(['+', '-']);
        let (name, defects) = id.split_at(sign.unwrap_or(id.len()));
        let ids = defects.get(1..).map(|ids| ids.replace(['+', '-'], ","));
        if defects.starts_with('-') {
            return Self::choose(name, None, ids.as_deref());
        }
        Self::choose(name, ids.as_deref(), None)
    }
}

fn signed(sign: char, defects: Defects) -> String {
    defects.iter().flat_map(|defect| [sign.to_string(), defect.to_string()]).collect()
}
