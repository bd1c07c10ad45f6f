//! A34: there is one state. Whatever happens to a session, what it says, what it was heard to say and
//! what the outbox was told of its socket are the same thing.

use std::time::Duration;

use holdline_client::State;
use holdline_client::core::credentials::Issued;
use holdline_client::core::request_error::RequestError;
use holdline_client::core::session::{Effect, Incoming, Input, Op, Session, SessionConfig};
use holdline_client::core::time::{Instant, Now, Wall};
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

/// What is under way, as the effects tell it.
#[derive(Default)]
struct Heard {
    op: Option<Op>,
    state: Option<State>,
    link: Option<u64>,
}

impl Heard {
    fn hear(&mut self, effect: Effect) {
        match effect {
            Effect::Create(op) => self.op = Some(Op::Create(op)),
            Effect::Refresh(op, _) => self.op = Some(Op::Refresh(op)),
            Effect::Dial(op, _) => self.op = Some(Op::Dial(op)),
            Effect::State(state) => self.state = Some(state),
            Effect::Link(link) => self.link = link,
            _ => {}
        }
    }
}

fn fault(rng: &mut ChaCha8Rng) -> RequestError {
    match rng.random_range(0..8) {
        0 => RequestError::Timeout,
        1 => RequestError::Malformed,
        2..5 => RequestError::Network,
        n => RequestError::Status {
            status: [503, 429, 401][n - 5],
            code: String::new(),
            retry_after: Some("3".into()),
        },
    }
}

fn issued() -> Issued {
    Issued { instance: "i".into(), token: "t".into(), expires_in_s: Some(120) }
}

fn any_input(rng: &mut ChaCha8Rng, heard: &Heard) -> Input {
    let fails = rng.random_range(0..3) == 0;
    match (rng.random_range(0..12), heard.op, heard.link) {
        (0..4, Some(Op::Create(op)), _) => {
            Input::Created(op, if fails { Err(fault(rng)) } else { Ok(issued()) })
        }
        (0..4, Some(Op::Refresh(op)), _) => {
            Input::Refreshed(op, if fails { Err(fault(rng)) } else { Ok(issued()) })
        }
        (0..4, Some(Op::Dial(op)), None) => {
            Input::Dialed(op, if fails { Err(fault(rng)) } else { Ok(()) })
        }
        (4, _, Some(socket)) => Input::Ended(socket, [None, Some(1001)][rng.random_range(0..2)]),
        (5..8, _, Some(socket)) => Input::Frame(socket, Incoming::Alive),
        (8, _, _) => Input::Reconnect,
        (9, _, _) if rng.random_range(0..10) == 0 => Input::GuestGone("i".into()),
        (9, _, _) => Input::TokenRejected(rng.random_range(0..20)),
        _ => Input::Tick,
    }
}

#[test]
fn what_a_session_says_and_does_is_one_state() {
    let (mut opened, mut ended) = (0, 0);
    for seed in 0..300 {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut session =
            Session::new(SessionConfig::default(), 0, ChaCha8Rng::seed_from_u64(seed));
        let mut heard = Heard::default();
        let mut at = Duration::ZERO;
        for step in 0..80 {
            let input = if step == 0 { Input::Start(None) } else { any_input(&mut rng, &heard) };
            let told = format!("seed {seed}, step {step}: {input:?}");
            at += Duration::from_millis(rng.random_range(0..6_000));
            let now = Now { mono: Instant::new(at), wall: Wall::new(at) };
            let mut effects = Vec::new();
            session.on(now, input, &mut effects);
            let was_open = heard.link.is_some();
            for effect in effects {
                heard.hear(effect);
            }
            assert_eq!(heard.state, Some(session.state()), "{told}: said and heard");
            let is_open = session.state() == State::Open;
            assert_eq!(heard.link.is_some(), is_open, "{told}: the outbox has a socket");
            opened += u32::from(is_open && !was_open);
            ended += u32::from(was_open && !is_open);
        }
    }
    assert!(opened > 500 && ended > 500, "only {opened} sockets opened and {ended} ended");
}
