//! One open WebSocket of the SDK: reads until it ends, writes what it is given, and asks now and then
//! whether anybody is there.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use actix_http::ws::{CloseCode, CloseReason, Frame, Message};
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt as _, StreamExt as _};
use serde::Deserialize;
use serde_json::json;
use tokio::sync::{mpsc, oneshot};

use super::auth::Framed;
use super::window::Window;
use super::words::Payload;

/// A quiet socket is asked so often.
const PING_EVERY: Duration = Duration::from_secs(10);
/// And is dead after so much silence.
const SILENCE_MAX: Duration = Duration::from_secs(20);
/// The other side has so long to say good-bye.
const CLOSE_WITHIN: Duration = Duration::from_secs(1);

/// What becomes of a message that was sent: `Err` has the reason. Gone with the socket.
pub(super) type Ack = oneshot::Receiver<Result<(), String>>;

type Acks = Rc<RefCell<BTreeMap<String, oneshot::Sender<Result<(), String>>>>>;

/// The handle of one. Dropping it says good-bye, after what was written before.
pub(super) struct Socket {
    number: u64,
    writes: mpsc::UnboundedSender<Message>,
    acks: Acks,
}

/// A frame, as far as anybody cares.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Incoming {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    message_id: Option<String>,
    #[serde(default)]
    status: u16,
}

impl Socket {
    /// Runs it in the page. `on_end` is told its number when it ends, whoever ended it.
    pub(super) fn serve(
        window: &Window,
        framed: Framed,
        on_message: impl Fn(&Payload) + 'static,
        on_end: impl FnOnce(u64) + 'static,
    ) -> Self {
        let number = window.next_number();
        let (writes, queue) = mpsc::unbounded_channel();
        let acks = Acks::default();
        let (sink, stream) = framed.split();
        let talk = Talk { window: window.clone(), acks: Rc::clone(&acks), sink, stream, queue };
        tokio::task::spawn_local(async move {
            talk.run(on_message).await;
            on_end(number);
        });
        Self { number, writes, acks }
    }

    pub(super) fn number(&self) -> u64 {
        self.number
    }

    pub(super) fn send(&self, id: &str, text: &str) -> Ack {
        let (told, ack) = oneshot::channel();
        self.acks.borrow_mut().insert(id.to_owned(), told);
        let frame = json!({ "type": "message", "content": text, "messageId": id }).to_string();
        // A socket that has just ended tells nobody anything.
        let _ = self.writes.send(Message::Text(frame.into()));
        ack
    }
}

struct Talk {
    window: Window,
    acks: Acks,
    sink: SplitSink<Framed, Message>,
    stream: SplitStream<Framed>,
    queue: mpsc::UnboundedReceiver<Message>,
}

impl Talk {
    async fn run(mut self, on_message: impl Fn(&Payload)) {
        let mut heard = self.window.now();
        loop {
            let written = tokio::select! {
                biased;
                frame = self.stream.next() => {
                    heard = self.window.now();
                    match frame {
                        Some(Ok(Frame::Text(text))) => {
                            self.read(&text, &on_message);
                            continue;
                        }
                        Some(Ok(Frame::Ping(payload))) => Message::Pong(payload),
                        Some(Ok(Frame::Close(reason))) => {
                            let _ = self.sink.send(Message::Close(reason)).await;
                            break;
                        }
                        Some(Ok(_)) => continue,
                        Some(Err(_)) | None => break,
                    }
                }
                write = self.queue.recv() => match write {
                    Some(write) => write,
                    None => return self.good_bye().await,
                },
                () = self.window.sleep(PING_EVERY) => {
                    if self.window.now() >= heard + SILENCE_MAX {
                        break;
                    }
                    Message::Ping(bytes::Bytes::new())
                }
            };
            if self.sink.send(written).await.is_err() {
                break;
            }
        }
        self.acks.borrow_mut().clear();
    }

    fn read(&self, text: &[u8], on_message: &impl Fn(&Payload)) {
        let Ok(incoming) = serde_json::from_slice::<Incoming>(text) else { return };
        let outcome = match incoming.kind.as_str() {
            "message" => {
                if let Ok(payload) = serde_json::from_slice(text) {
                    on_message(&payload);
                }
                return;
            }
            "messageReceived" => Ok(()),
            "error" => Err(format!("status {}", incoming.status)),
            _ => return,
        };
        let waiting = incoming.message_id.and_then(|id| self.acks.borrow_mut().remove(&id));
        if let Some(waiting) = waiting {
            // Whoever sent it may have lost interest.
            let _ = waiting.send(outcome);
        }
    }

    async fn good_bye(mut self) {
        self.acks.borrow_mut().clear();
        let reason = CloseReason::from(CloseCode::Normal);
        let window = self.window.clone();
        let shake_hands = async {
            if self.sink.send(Message::Close(Some(reason))).await.is_ok() {
                while let Some(Ok(frame)) = self.stream.next().await {
                    if matches!(frame, Frame::Close(_)) {
                        break;
                    }
                }
            }
            let _ = self.sink.close().await;
        };
        tokio::select! {
            biased;
            () = shake_hands => {}
            () = window.sleep(CLOSE_WITHIN) => {}
        }
    }
}
