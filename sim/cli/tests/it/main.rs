//! The `holdline` command as strangers use it: the real binary, its output, its exit codes, its exports, and its mock.

mod cli;
mod exports;
mod mock;
mod mock_serving;
mod mock_settings;
