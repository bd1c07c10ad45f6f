//! A rule: a fault, and when it strikes. Its written form, in JSON and in plans, has the fault's own fields
//! and those of the rule side by side.

use std::fmt;
use std::time::Duration;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use super::kind::{FaultInfo, FieldInfo, FieldValue, Fields};
use super::{Endpoint, Fault};

/// Certainty, as a probability is counted: in millionths.
pub(super) const CERTAIN: u32 = 1_000_000;
/// Occurrences that are hit unless it is said otherwise.
pub(super) const ALL: u64 = u64::MAX;

/// A fault and when it strikes. Nobody is struck outside, and what is outside is not counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FaultRule {
    /// What happens.
    pub fault: Fault,
    /// To which requests.
    pub endpoint: Endpoint,
    /// The first matching occurrence that is hit, 1-based, counted from arming; 0 is taken as 1.
    pub nth: u64,
    /// How many in a row are hit; `u64::MAX` is all of them.
    pub count: u64,
    /// How likely an occurrence that is reached is hit, in millionths.
    pub millionths: u32,
    /// The seed of its dice.
    pub seed: u64,
    /// How long after it was armed it begins.
    pub from: Duration,
    /// How long it lasts from then on; without, until it is disarmed.
    pub lasts: Option<Duration>,
    /// Only what this guest (a `webchatInstanceId`) is about.
    pub guest: Option<String>,
}

/// What is wrong with the written form of a rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum FaultError {
    #[error("no fault is called `{kind}`; there are: {known}")]
    KindUnknown { kind: String, known: String },
    #[error("`{kind}` has no field `{field}`; there are: {known}")]
    FieldUnknown { kind: &'static str, field: String, known: String },
    #[error("`{kind}` needs `{field}`, a {form}")]
    FieldMissing { kind: &'static str, field: &'static str, form: &'static str },
    #[error("`{field}`: `{value}` is no {form}")]
    FieldMalformed { field: &'static str, value: String, form: String },
    #[error("`{kind}` can never strike at `{endpoint}`; it can at: {allowed}")]
    NeverStrikes { kind: &'static str, endpoint: Endpoint, allowed: String },
}

impl FaultError {
    pub(super) fn malformed(field: &'static str, value: &Value, form: impl Into<String>) -> Self {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        Self::FieldMalformed { field, value, form: form.into() }
    }

    /// The field at fault.
    #[must_use]
    pub fn field(&self) -> &str {
        match self {
            Self::KindUnknown { .. } => "kind",
            Self::FieldUnknown { field, .. } => field,
            Self::FieldMissing { field, .. } | Self::FieldMalformed { field, .. } => field,
            Self::NeverStrikes { .. } => "endpoint",
        }
    }
}

/// The fields of every rule beside those of its fault.
pub const RULE_FIELDS: [FieldInfo; 8] = [
    field("endpoint", "To which requests.", Endpoint::FORM, || Some("any".into())),
    field("nth", "The first occurrence that is hit, from 1.", u64::FORM, || Some(1.into())),
    field(
        "count",
        "How many in a row are hit; 1 where `nth` is given, else all.",
        u64::FORM,
        || None,
    ),
    field("probability", "How likely one of them is hit.", PROBABILITY, || Some(1.into())),
    field("seed", "The seed of the dice for that.", u64::FORM, || Some(0.into())),
    field("from", "How long after it was armed it begins.", Duration::FORM, || Some("0s".into())),
    field("for", "How long it lasts; for good unless said.", Duration::FORM, || None),
    field("guest", "Only what this guest is about.", "webchatInstanceId", || None),
];

const PROBABILITY: &str = "probability: 0 to 1";

const fn field(
    name: &'static str,
    about: &'static str,
    form: &'static str,
    default: fn() -> Option<Value>,
) -> FieldInfo {
    FieldInfo { name, about, form, default }
}

impl FaultRule {
    /// Strikes every occurrence that the fault has a meaning for.
    pub fn new(fault: impl Into<Fault>) -> Self {
        Self {
            fault: fault.into(),
            endpoint: Endpoint::Any,
            nth: 1,
            count: ALL,
            millionths: CERTAIN,
            seed: 0,
            from: Duration::ZERO,
            lasts: None,
            guest: None,
        }
    }

    /// Strikes the n-th occurrence at the endpoint, and so many from there on.
    pub fn at(fault: impl Into<Fault>, endpoint: Endpoint, nth: u64, count: u64) -> Self {
        Self { endpoint, nth, count, ..Self::new(fault) }
    }

    /// Reads the written form. A field that neither the fault nor a rule has is refused, and so is an
    /// endpoint at which the fault can never strike.
    pub fn read(mut fields: Map<String, Value>) -> Result<Self, FaultError> {
        let own: Map<String, Value> =
            RULE_FIELDS.iter().filter_map(|field| fields.remove_entry(field.name)).collect();
        let fault = Fault::read(&fields)?;
        let nth = get(&own, "nth")?;
        let rule = Self {
            endpoint: get(&own, "endpoint")?.unwrap_or(Endpoint::Any),
            // The n-th is one; who wants all from there on says how many.
            count: get(&own, "count")?.unwrap_or(if nth.is_some() { 1 } else { ALL }),
            nth: nth.unwrap_or(1),
            millionths: get::<Probability>(&own, "probability")?.map_or(CERTAIN, |given| given.0),
            seed: get(&own, "seed")?.unwrap_or_default(),
            from: get(&own, "from")?.unwrap_or_default(),
            lasts: get(&own, "for")?,
            guest: get(&own, "guest")?,
            fault,
        };
        let info = rule.fault.info();
        if !info.can_strike_at(rule.endpoint) {
            let allowed = joined(info.endpoints().map(|endpoint| endpoint.to_string()));
            let (kind, endpoint) = (info.name, rule.endpoint);
            return Err(FaultError::NeverStrikes { kind, endpoint, allowed });
        }
        Ok(rule)
    }

    /// The written form, without what goes without saying.
    #[must_use]
    pub fn write(&self) -> Map<String, Value> {
        let mut fields = self.fault.write();
        let mut add = |name: &str, value: Value| fields.insert(name.to_owned(), value);
        if self.endpoint != Endpoint::Any {
            add("endpoint", self.endpoint.to_string().into());
        }
        if (self.nth, self.count) != (1, ALL) {
            add("nth", self.nth.into());
            add("count", self.count.into());
        }
        if self.millionths < CERTAIN {
            add("probability", Probability(self.millionths).write());
            add("seed", self.seed.into());
        }
        if !self.from.is_zero() {
            add("from", self.from.write());
        }
        if let Some(lasts) = self.lasts {
            add("for", lasts.write());
        }
        if let Some(guest) = &self.guest {
            add("guest", guest.as_str().into());
        }
        fields
    }
}

impl Fault {
    /// Its place in the catalogue.
    #[must_use]
    pub fn info(&self) -> &'static FaultInfo {
        self.kind().info()
    }

    /// Reads `kind` and the fields of that kind, and no others.
    pub fn read(fields: &Map<String, Value>) -> Result<Self, FaultError> {
        let kind = fields.get("kind").and_then(Value::as_str).unwrap_or_default();
        let info = FaultInfo::named(kind).ok_or_else(|| {
            let known = joined(super::catalogue().iter().map(|kind| kind.name.to_owned()));
            FaultError::KindUnknown { kind: kind.to_owned(), known }
        })?;
        let is_known = |name: &str| name == "kind" || info.fields.iter().any(|f| f.name == name);
        if let Some(unknown) = fields.keys().find(|name| !is_known(name)) {
            let all = info.fields.iter().chain(&RULE_FIELDS);
            let known = joined(all.map(|field| field.name.to_owned()));
            let (kind, field) = (info.name, unknown.clone());
            return Err(FaultError::FieldUnknown { kind, field, known });
        }
        let fault = (info.read)(&Fields { given: fields, info })?;
        match fault.kind().check() {
            Ok(()) => Ok(fault),
            Err((field, form)) => Err(FaultError::malformed(field, &fields[field], form)),
        }
    }

    /// Its `kind` and its fields.
    #[must_use]
    pub fn write(&self) -> Map<String, Value> {
        let info = self.info();
        let names = info.fields.iter().map(|field| field.name.to_owned());
        let kind = ("kind".to_owned(), info.name.into());
        std::iter::once(kind).chain(names.zip(self.kind().values())).collect()
    }
}

/// The stable name of a fault with its values, as events and diagrams show it.
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.kind().label())
    }
}

impl Serialize for FaultRule {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.write().serialize(to)
    }
}

impl<'de> Deserialize<'de> for FaultRule {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Self::read(Map::deserialize(from)?).map_err(D::Error::custom)
    }
}

fn get<T: FieldValue>(
    fields: &Map<String, Value>,
    name: &'static str,
) -> Result<Option<T>, FaultError> {
    let Some(value) = fields.get(name).filter(|value| !value.is_null()) else { return Ok(None) };
    let malformed = || FaultError::malformed(name, value, T::FORM);
    T::read(value).map(Some).ok_or_else(malformed)
}

fn joined(names: impl Iterator<Item = String>) -> String {
    names.collect::<Vec<_>>().join(", ")
}

impl FieldValue for String {
    const FORM: &str = "text";

    fn read(value: &Value) -> Option<Self> {
        value.as_str().map(str::to_owned)
    }

    fn write(&self) -> Value {
        self.as_str().into()
    }
}

impl FieldValue for Endpoint {
    const FORM: &str = "endpoint: guests, refresh, socket, messages, history, agent or any";

    fn read(value: &Value) -> Option<Self> {
        Self::ALL.into_iter().find(|endpoint| Some(&*endpoint.to_string()) == value.as_str())
    }

    fn write(&self) -> Value {
        self.to_string().into()
    }
}

/// In millionths.
struct Probability(u32);

impl FieldValue for Probability {
    const FORM: &str = PROBABILITY;

    #[expect(clippy::cast_sign_loss, reason = "it was just seen to be between 0 and 1")]
    fn read(value: &Value) -> Option<Self> {
        let probability = value.as_f64().filter(|value| (0.0..=1.0).contains(value))?;
        Some(Self((probability * f64::from(CERTAIN)).round() as u32))
    }

    fn write(&self) -> Value {
        (f64::from(self.0) / f64::from(CERTAIN)).into()
    }
}
