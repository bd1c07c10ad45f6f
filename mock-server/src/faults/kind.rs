//! What every kind of fault says about itself, and the macro in which its file says it.

use std::time::Duration;

use serde_json::{Map, Value};

use super::{Endpoint, Fault, FaultError, Occasion, Outcome, span};
use crate::core::Now;

/// A kind of fault as the catalogue lists it.
#[derive(Debug)]
pub struct FaultInfo {
    /// What it is called in JSON and in plans, in kebab-case.
    pub name: &'static str,
    /// What it does, in a sentence or two.
    pub about: &'static str,
    /// Its own fields, in the order in which they are explained.
    pub fields: &'static [FieldInfo],
    /// What it can strike.
    pub(crate) occasions: &'static [Occasion],
    pub(super) read: fn(&Fields<'_>) -> Result<Fault, FaultError>,
}

/// A field of a fault.
#[derive(Debug)]
pub struct FieldInfo {
    /// What it is called in JSON and in plans, in camelCase.
    pub name: &'static str,
    /// What it means.
    pub about: &'static str,
    /// What can stand there, like `duration: write it like 250ms`.
    pub form: &'static str,
    pub(super) default: fn() -> Option<Value>,
}

impl FieldInfo {
    /// What it is when nobody says; `None` when somebody has to.
    #[must_use]
    pub fn default(&self) -> Option<Value> {
        (self.default)()
    }
}

impl FaultInfo {
    /// The kind of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        super::catalogue().iter().copied().find(|kind| kind.name == name)
    }

    /// Whether a rule for this endpoint can ever strike.
    #[must_use]
    pub fn can_strike_at(&self, endpoint: Endpoint) -> bool {
        self.occasions.iter().any(|occasion| occasion.is_at(endpoint))
    }

    /// The endpoints at which a rule can strike; `any` is always among them.
    pub fn endpoints(&self) -> impl Iterator<Item = Endpoint> {
        Endpoint::ALL.into_iter().filter(|endpoint| self.can_strike_at(*endpoint))
    }
}

/// What a kind of fault does. Made by [`fault!`], but for what each decides.
pub(crate) trait FaultKind {
    /// Its place in the catalogue.
    fn info(&self) -> &'static FaultInfo;

    /// The values of its fields, in the order of the catalogue.
    fn values(&self) -> Vec<Value>;

    /// What becomes of a request, frame or connection that it strikes.
    fn decide(&self, now: Now) -> Outcome;

    /// The field that has an impossible value, and what is possible.
    fn check(&self) -> Result<(), (&'static str, &'static str)> {
        Ok(())
    }

    /// Its name with its values, as events and diagrams show it: `slow body, bytes 10, every 1s`.
    fn label(&self) -> String {
        let info = self.info();
        let mut label = info.name.replace('-', " ");
        for (field, value) in info.fields.iter().zip(self.values()) {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            label.extend([", ", field.name, " ", &value]);
        }
        label
    }
}

/// The fields that somebody gave a fault, its `kind` not among them.
pub(super) struct Fields<'a> {
    pub(super) given: &'a Map<String, Value>,
    pub(super) info: &'static FaultInfo,
}

impl Fields<'_> {
    pub(super) fn get<T: FieldValue>(
        &self,
        name: &'static str,
        default: Option<T>,
    ) -> Result<T, FaultError> {
        match (self.given.get(name), default) {
            (Some(value), _) => {
                T::read(value).ok_or_else(|| FaultError::malformed(name, value, T::FORM))
            }
            (None, Some(default)) => Ok(default),
            (None, None) => {
                Err(FaultError::FieldMissing { kind: self.info.name, field: name, form: T::FORM })
            }
        }
    }
}

/// What can stand in a field.
pub(super) trait FieldValue: Sized {
    /// What that is, for people, without its article.
    const FORM: &str;

    fn read(value: &Value) -> Option<Self>;

    fn write(&self) -> Value;
}

impl FieldValue for u64 {
    const FORM: &str = "whole number, 0 or more";

    fn read(value: &Value) -> Option<Self> {
        value.as_u64()
    }

    fn write(&self) -> Value {
        (*self).into()
    }
}

impl FieldValue for u16 {
    const FORM: &str = "whole number, 0 to 65535";

    fn read(value: &Value) -> Option<Self> {
        value.as_u64()?.try_into().ok()
    }

    fn write(&self) -> Value {
        (*self).into()
    }
}

impl FieldValue for bool {
    const FORM: &str = "truth value: true or false";

    fn read(value: &Value) -> Option<Self> {
        value.as_bool()
    }

    fn write(&self) -> Value {
        (*self).into()
    }
}

impl FieldValue for Duration {
    const FORM: &str = "duration: write it like 250ms, 2s or 1m 30s";

    fn read(value: &Value) -> Option<Self> {
        span::parse(value.as_str()?).ok()
    }

    fn write(&self) -> Value {
        humantime::format_duration(*self).to_string().into()
    }
}

/// Declares a kind of fault: what it does (its documentation), its name, its type, what it can strike,
/// its fields with their defaults, and what it decides.
macro_rules! fault {
    (
        $(#[doc = $about:literal])+
        $name:literal => $kind:ident at $occasions:ident
        {$(
            $(#[doc = $meaning:literal])+
            $field:ident $(as $wire:literal)?: $type:ty $(= $default:expr)?,
        )*}
        $($items:tt)*
    ) => {
        $(#[doc = $about])+
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct $kind {
            $($(#[doc = $meaning])+ pub $field: $type,)*
        }

        impl $kind {
            pub(super) const INFO: $crate::faults::FaultInfo = $crate::faults::FaultInfo {
                name: $name,
                about: concat!($($about),+).trim_ascii(),
                fields: &[$($crate::faults::FieldInfo {
                    name: $crate::faults::kind::fault!(@wire $field $($wire)?),
                    about: concat!($($meaning),+).trim_ascii(),
                    form: <$type as $crate::faults::kind::FieldValue>::FORM,
                    default: || {
                        let default: Option<$type> = $crate::faults::kind::fault!(@default $($default)?);
                        default.as_ref().map($crate::faults::kind::FieldValue::write)
                    },
                }),*],
                occasions: $occasions,
                read: |fields| {
                    let _ = fields;
                    Ok($kind {
                        $($field: fields.get(
                            $crate::faults::kind::fault!(@wire $field $($wire)?),
                            $crate::faults::kind::fault!(@default $($default)?),
                        )?,)*
                    }.into())
                },
            };
        }

        impl $crate::faults::kind::FaultKind for $kind {
            fn info(&self) -> &'static $crate::faults::FaultInfo {
                &Self::INFO
            }

            fn values(&self) -> Vec<serde_json::Value> {
                vec![$($crate::faults::kind::FieldValue::write(&self.$field)),*]
            }

            $($items)*
        }
    };
    (@wire $field:ident) => { stringify!($field) };
    (@wire $field:ident $wire:literal) => { $wire };
    (@default) => { None };
    (@default $default:expr) => { Some($default) };
}

pub(super) use fault;
