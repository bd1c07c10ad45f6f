//! What people do: the user types, the agent answers, somebody presses "reconnect", tabs come and go.

use std::fmt;
use std::time::Duration;

use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use holdline_browser::{TABS_MAX, letter};
use holdline_net::duration::{is_none_at_all, plain, text};

/// One thing done once, or several times at an interval.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Step {
    /// When, from the beginning.
    #[serde(deserialize_with = "plain", serialize_with = "text")]
    pub at: Duration,
    /// What.
    #[serde(rename = "do")]
    pub what: Do,
    /// In which tab of the browser, from 0; a plan has its letter.
    #[serde(
        default,
        deserialize_with = "tab",
        serialize_with = "tab_letter",
        skip_serializing_if = "Option::is_none"
    )]
    pub tab: Option<u8>,
    /// How often. Default once.
    #[serde(default = "once", skip_serializing_if = "is_once")]
    pub count: u32,
    /// Time between two of them. Default none: all at once.
    #[serde(
        default,
        deserialize_with = "plain",
        serialize_with = "text",
        skip_serializing_if = "is_none_at_all"
    )]
    pub every: Duration,
    /// Length of each text in bytes. Default: as long as "message 1" is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<usize>,
    /// Whether the agent's message comes with a button, of which an SDK makes a function: nothing
    /// that can be cloned from one tab to another. Default false.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub button: bool,
}

/// What a step does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Do {
    /// The user types a message and sends it.
    Send,
    /// The agent writes a message.
    Agent,
    /// The user asks the client to connect now.
    Reconnect,
    /// A tab is opened.
    Open,
    /// A tab comes to the front of its window.
    Show,
    /// A tab is covered.
    Hide,
    /// The user goes into a tab, which shows it.
    Focus,
    /// The user leaves whichever tab has the focus, for another window.
    Blur,
    /// A tab is frozen.
    Freeze,
    /// A frozen tab runs again.
    Resume,
    /// A tab goes into the back/forward cache.
    Cache,
    /// And comes back from there.
    Restore,
    /// A tab is reloaded.
    Reload,
    /// A tab is closed.
    Close,
    /// A tab dies without a last word.
    Crash,
    /// The service worker is killed.
    KillWorker,
    /// The service worker is killed in the middle of its next write.
    KillWorkerMidWrite,
    /// Everything that the site has stored is cleared.
    ClearSiteData,
    /// There is no more room to store anything.
    FillDisk,
    /// There is room again.
    FreeDisk,
    /// A newer version of the page upgrades the store.
    UpgradeStore,
}

impl Do {
    /// Whether it is done to one tab, whose life it changes.
    #[must_use]
    pub fn is_life(self) -> bool {
        matches!(
            self,
            Self::Open
                | Self::Show
                | Self::Hide
                | Self::Focus
                | Self::Freeze
                | Self::Resume
                | Self::Cache
                | Self::Restore
                | Self::Reload
                | Self::Close
                | Self::Crash
        )
    }

    /// Whether it needs a browser.
    #[must_use]
    pub fn is_of_browser(self) -> bool {
        !matches!(self, Self::Send | Self::Agent | Self::Reconnect)
    }
}

/// As a plan has it.
impl fmt::Display for Do {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Send => "send",
            Self::Agent => "agent",
            Self::Reconnect => "reconnect",
            Self::Open => "open",
            Self::Show => "show",
            Self::Hide => "hide",
            Self::Focus => "focus",
            Self::Blur => "blur",
            Self::Freeze => "freeze",
            Self::Resume => "resume",
            Self::Cache => "cache",
            Self::Restore => "restore",
            Self::Reload => "reload",
            Self::Close => "close",
            Self::Crash => "crash",
            Self::KillWorker => "kill-worker",
            Self::KillWorkerMidWrite => "kill-worker-mid-write",
            Self::ClearSiteData => "clear-site-data",
            Self::FillDisk => "fill-disk",
            Self::FreeDisk => "free-disk",
            Self::UpgradeStore => "upgrade-store",
        })
    }
}

impl Step {
    /// When the last of them is done.
    #[must_use]
    pub fn end(&self) -> Duration {
        self.at + self.every * self.count.saturating_sub(1)
    }
}

fn once() -> u32 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes what it may skip like this")]
fn is_once(count: &u32) -> bool {
    *count == once()
}

#[expect(
    clippy::ref_option,
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes every field by reference"
)]
fn tab_letter<S: Serializer>(tab: &Option<u8>, serializer: S) -> Result<S::Ok, S::Error> {
    tab.map(letter).serialize(serializer)
}

fn tab<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u8>, D::Error> {
    deserializer.deserialize_str(Letter).map(Some)
}

struct Letter;

impl Visitor<'_> for Letter {
    type Value = u8;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the letter of a tab in quotes, \"A\" to \"P\"")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<u8, E> {
        match text.as_bytes() {
            [letter] if (b'A'..b'A' + TABS_MAX).contains(letter) => Ok(letter - b'A'),
            _ => Err(E::custom(format!("`{text}` is no tab; tabs are called \"A\" to \"P\""))),
        }
    }
}
