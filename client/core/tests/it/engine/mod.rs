//! One client's engine and its server, driven by hand.

mod ending;
mod life;
mod pair;
