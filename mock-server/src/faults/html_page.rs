//! A proxy answers in the cloud's place: 200 and a page, as a captive portal does.

use serde::{Deserialize, Serialize};

use super::{Bend, Mischief, Occasion, Shape};
use crate::core::Now;

/// A proxy answers in the cloud's place: 200 and a page, as a captive portal does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HtmlPage {}

impl Mischief for HtmlPage {
    const ABOUT: &str = "answers 200 with an HTML page; the request is not handled";

    fn has_meaning_at(occasion: Occasion) -> bool {
        occasion.has_body()
    }

    fn bend(&self, _: Now) -> Bend {
        Bend::instead(Shape::HtmlPage)
    }
}
