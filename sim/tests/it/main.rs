//! The simulation's tests, one binary: the browser, plans and generators, the tiers held to each other, exports.

mod browser;
mod explore;
mod exports;
mod generate;
mod marks;
mod plan_text;
mod published;
mod pure;
mod signature;
mod storage;
