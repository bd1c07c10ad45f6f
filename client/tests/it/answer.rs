//! What a refused request means.

use holdline_client::core::answer::{Fault, Verdict};

fn verdict(status: u16, code: &str) -> Verdict {
    Fault::Status { status, code: code.into(), retry_after: None }.verdict()
}

#[test]
fn a_404_is_about_the_guest_only_where_it_says_so() {
    for code in ["guest.gone", "guest.none", "instance.unknown"] {
        assert_eq!(verdict(404, code), Verdict::Gone);
    }
    for code in ["", "path.unknown"] {
        assert_eq!(verdict(404, code), Verdict::Transient);
    }
    assert_eq!(verdict(410, ""), Verdict::Gone);
}
