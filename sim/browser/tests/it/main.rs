//! The simulated browser and its storage, through their public doors.

mod browser;
mod storage;
