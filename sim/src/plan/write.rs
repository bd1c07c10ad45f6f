//! From a plan to its text: what [`Plan::parse`] reads as the same plan, and nothing that goes
//! without saying. What has its default value is left out.
//!
//! Comments of the text that a plan was read from are gone; [`Notes`] puts new ones in.

use std::fmt::Write as _;

use serde::Serialize;

use super::Plan;

/// Comments for a plan that is written; each may have several lines.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Notes {
    /// Above everything.
    pub head: String,
    /// Above each fault, by its number; one that is missing has none.
    pub faults: Vec<String>,
}

impl Plan {
    /// The text of the plan.
    #[must_use]
    pub fn to_toml(&self) -> String {
        self.to_toml_with(&Notes::default())
    }

    /// The same with comments.
    #[must_use]
    pub fn to_toml_with(&self, notes: &Notes) -> String {
        let Self { title, story, seed, settings, cloud, client, browser, steps, faults, expect } =
            self;
        let mut text = String::new();
        comment(&mut text, &notes.head);
        if !notes.head.is_empty() {
            text.push('\n');
        }
        text += &lines(&Head { title, story, seed: (*seed != super::one()).then_some(*seed) });
        table(&mut text, "settings", &unusual(settings));
        table(&mut text, "cloud", &lines(cloud));
        table(&mut text, "client", &lines(client));
        if let Some(browser) = browser {
            let _ = write!(text, "\n[browser]\n{}", unusual(browser));
        }
        for step in steps {
            let _ = write!(text, "\n[[step]]\n{}", lines(step));
        }
        for (index, fault) in faults.iter().enumerate() {
            text.push('\n');
            comment(&mut text, notes.faults.get(index).map_or("", String::as_str));
            let _ = write!(text, "[[fault]]\n{}", lines(fault));
        }
        table(&mut text, "expect", &lines(expect));
        text
    }
}

/// What stands above all tables.
#[derive(Serialize)]
struct Head<'a> {
    title: &'a str,
    story: &'a str,
    seed: Option<u64>,
}

fn comment(text: &mut String, note: &str) {
    for line in note.lines() {
        let _ = writeln!(text, "{}", format!("# {line}").trim_end());
    }
}

fn table(text: &mut String, name: &str, body: &str) {
    if !body.is_empty() {
        let _ = write!(text, "\n[{name}]\n{body}");
    }
}

/// `key = value`, line by line. An absent value has no line.
fn lines(of: &impl Serialize) -> String {
    toml::to_string(of).expect("every table of a plan is plain data")
}

/// The lines that the default has not; each value of these tables is on a line of its own.
fn unusual<T: Serialize + Default>(of: &T) -> String {
    let usual = lines(&T::default());
    let usual: Vec<&str> = usual.lines().collect();
    let said = lines(of);
    said.lines().filter(|line| !usual.contains(line)).flat_map(|line| [line, "\n"]).collect()
}
