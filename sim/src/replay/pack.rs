//! A small plan in a few characters: its text, deflated against a dictionary of what plans say, in
//! base64 for URLs.
//!
//! Deflate looks for what repeats in the 32 KiB before; with the dictionary there, the first
//! `[[step]]` of a plan is a repetition already. It stands in front as a block that is stored and
//! not compressed, and that never leaves this file. The dictionary belongs to the tokens' format:
//! with another one, old tokens are noise.

use std::io::{Read as _, Write as _};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use flate2::read::DeflateDecoder;
use flate2::{Compress, Compression, FlushCompress};

use crate::plan::Plan;

const DICTIONARY: &[u8] = include_bytes!("dictionary.txt");
/// A plan that is longer is not one that was packed.
const LONGEST_BYTES: u64 = 64 * 1024;

/// The plan in letters, digits, `-` and `_`.
pub(super) fn pack(plan: &Plan) -> String {
    let text = plan.to_toml();
    let mut deflate = Compress::new(Compression::best(), false);
    let mut packed = Vec::with_capacity(2 * (DICTIONARY.len() + text.len()) + 1024);
    let done = "deflate has room for all it is given";
    deflate.compress_vec(DICTIONARY, &mut packed, FlushCompress::Sync).expect(done);
    let primed = packed.len();
    deflate.compress_vec(text.as_bytes(), &mut packed, FlushCompress::Finish).expect(done);
    URL_SAFE_NO_PAD.encode(&packed[primed..])
}

/// And its text again; `None` for what was not packed here.
pub(super) fn unpack(packed: &str) -> Option<String> {
    let packed = URL_SAFE_NO_PAD.decode(packed).ok()?;
    let primed = [&stored(DICTIONARY)[..], &packed].concat();
    let mut text = String::new();
    let mut inflate = DeflateDecoder::new(&primed[..]).take(LONGEST_BYTES);
    inflate.read_to_string(&mut text).ok()?;
    text.get(DICTIONARY.len()..).map(ToOwned::to_owned)
}

/// RFC 1951, 3.2.4: a block that is stored as it is, and not the last one.
fn stored(bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).expect("the dictionary fits into one block");
    let mut block = vec![0];
    for part in [&length.to_le_bytes()[..], &(!length).to_le_bytes(), bytes] {
        block.write_all(part).expect("a Vec takes everything");
    }
    block
}
