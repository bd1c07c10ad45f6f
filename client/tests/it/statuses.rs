//! What a refused request means.

use holdline_client::core::request_error::RequestError;
use holdline_client::core::statuses::Reaction;

fn reaction(status: u16, code: &str) -> Reaction {
    RequestError::Status { status, code: code.into(), retry_after: None }.reaction()
}

#[test]
fn a_404_is_about_the_guest_only_where_it_says_so() {
    for code in ["guest.gone", "guest.none", "instance.unknown"] {
        assert_eq!(reaction(404, code), Reaction::Gone);
    }
    for code in ["", "path.unknown"] {
        assert_eq!(reaction(404, code), Reaction::Transient);
    }
    assert_eq!(reaction(410, ""), Reaction::Gone);
}
