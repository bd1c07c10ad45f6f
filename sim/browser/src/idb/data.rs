//! What is stored: databases, their object stores and records. No rules about time are here.

use std::collections::BTreeMap;

use serde_json::Value;

use super::IdbError;

/// How records of an object store get their keys.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StoreOptions {
    /// In-line keys: values are JSON objects, and this member of each is its key.
    pub key_path: Option<String>,
    /// A record without a key gets the next number, as 20 digits so that keys sort as numbers do.
    pub auto_increment: bool,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Database {
    pub(super) version: u32,
    pub(super) stores: BTreeMap<String, ObjectStore>,
}

#[derive(Debug, Clone, Default)]
pub(super) struct ObjectStore {
    pub(super) options: StoreOptions,
    pub(super) records: BTreeMap<String, String>,
    /// The last number given out.
    pub(super) last_number: u64,
}

/// A value on its way in, with the key it will have.
pub(super) struct Keyed {
    pub(super) key: String,
    pub(super) value: String,
    /// The number that was drawn for it.
    pub(super) number: Option<u64>,
}

impl ObjectStore {
    pub(super) fn bytes(&self) -> u64 {
        self.records.iter().map(|(key, value)| bytes_of(key, value)).sum()
    }

    /// Refuses an explicit key where keys are in-line.
    pub(super) fn takes_explicit_keys(&self) -> Result<(), IdbError> {
        match &self.options.key_path {
            None => Ok(()),
            Some(path) => Err(IdbError::Data(format!(
                "an explicit key was given, but the key is the member `{path}` of the value"
            ))),
        }
    }

    /// The key of a value that comes without an explicit one.
    pub(super) fn key_of(&self, value: &str) -> Result<Keyed, IdbError> {
        let next = self.last_number + 1;
        let Some(path) = &self.options.key_path else {
            let key = self.generated(next).ok_or_else(|| {
                IdbError::Data("no key was given, and the store makes none".into())
            })?;
            return Ok(Keyed { key, value: value.into(), number: Some(next) });
        };
        let Ok(Value::Object(mut members)) = serde_json::from_str(value) else {
            return Err(IdbError::Data(format!("the value must be an object with `{path}`")));
        };
        match (members.get(path), self.generated(next)) {
            (Some(Value::String(key)), _) => {
                Ok(Keyed { key: key.clone(), value: value.into(), number: None })
            }
            (None, Some(key)) => {
                members.insert(path.clone(), Value::String(key.clone()));
                let value = Value::Object(members).to_string();
                Ok(Keyed { key, value, number: Some(next) })
            }
            (found, _) => {
                Err(IdbError::Data(format!("the member `{path}` must be text, it is {found:?}")))
            }
        }
    }

    fn generated(&self, number: u64) -> Option<String> {
        self.options.auto_increment.then(|| format!("{number:020}"))
    }
}

/// What a record counts towards the quota.
pub(super) fn bytes_of(key: &str, value: &str) -> u64 {
    (key.len() + value.len()) as u64
}
