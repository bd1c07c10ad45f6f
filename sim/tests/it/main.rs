//! Plans and generators, explore, marks, the tiers held to each other: one binary.

mod explore;
mod generate;
mod marks;
mod plan_text;
mod published;
mod pure;
mod signature;
