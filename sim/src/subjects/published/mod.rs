//! The clients of the two articles as subjects, rebuilt line by line, with their defects.
//!
//! - [`defect`]: what is wrong with them, each by its id.
//! - `session`: the client of the first article, alone on its machine.
//! - `tabs`: the client of the second, in the pages of a browser.
//! - `retry_after`: what both make of that header.
//!
//! As published it has every defect; each can be taken away, so that one alone is put under test. It
//! knows nothing of the client of this house: a mistake that both share would be seen by nobody.

pub mod defect;
mod retry_after;
mod session;
mod tabs;

use std::rc::Rc;

use self::defect::Defects;
use self::session::Machine;
use super::{PageProgram, Setting, Subject};
use holdline_net::Program;

/// See the module's documentation.
#[derive(Debug, Clone, Copy)]
pub struct Published {
    defects: Defects,
}

impl Published {
    /// One with these defects.
    #[must_use]
    pub fn new(defects: Defects) -> Self {
        Self { defects }
    }

    /// What is wrong with it.
    #[must_use]
    pub fn defects(&self) -> Defects {
        self.defects
    }
}

/// As the articles have it.
impl Default for Published {
    fn default() -> Self {
        Self::new(Defects::all())
    }
}

impl Subject for Published {
    fn name(&self) -> &'static str {
        "published"
    }

    fn program(&self, setting: Setting) -> Program {
        let (defects, machine) = (self.defects, Machine::new(setting.seed));
        Rc::new(move |net| Box::pin(session::run(net, setting.clone(), defects, machine.clone())))
    }

    fn page(&self) -> PageProgram {
        tabs::program(self.defects)
    }

    fn database(&self) -> &'static str {
        tabs::DATABASE
    }
}
