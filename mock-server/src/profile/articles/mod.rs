//! The surface of the vendor's articles: JSON over HTTP, and JSON in the frames of one socket for each
//! guest.

mod read;
mod resource;
mod write;

pub use read::{after, guest_profile, instance_to_refresh, message};
pub(crate) use resource::Resource;
pub use write::{ack, error_frame, grant, page, push, refusal};
