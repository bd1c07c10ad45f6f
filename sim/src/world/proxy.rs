//! A real TCP proxy on its own host, between client and cloud, with the bad habits of real ones.
//!
//! It cuts idle connections by FIN, by RST or by silence, resets everything on demand, takes
//! connections it never forwards, cuts what it forwards into slices (toxiproxy's word) and waits so
//! that writes run together. It never looks into the bytes.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::io;
use std::rc::Rc;
use std::time::Duration;

use bytes::BufMut as _;
use tokio::io::{AsyncReadExt, AsyncWriteExt, ReadHalf, WriteHalf};
use tokio::sync::Notify;

use super::{CLOUD, PORT, logged};
use crate::plan::fault::{CutHow, Fault};
use crate::trace::conditions::Cut;
use crate::trace::{Kind, Lane, Log};
use holdline_net::{HostNet, NetStream, Program};

const CHUNK_BYTES: usize = 16 * 1024;

/// The habits it has at the moment.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Habits {
    /// Cuts what is idle for so long, in that way.
    pub(super) idle_cut: Option<(Duration, CutHow)>,
    /// Takes connections and forwards nothing.
    pub(super) swallow: bool,
    /// Forwards at most so many bytes at once.
    pub(super) slice_bytes: Option<usize>,
    /// Waits so long for more before it forwards.
    pub(super) coalesce: Option<Duration>,
}

impl Habits {
    /// Takes up a habit with a fault, or gives it up; false when the fault is about none.
    pub(super) fn apply(&mut self, fault: &Fault, on: bool) -> bool {
        match fault {
            Fault::SwallowHandshake(_) => self.swallow = on,
            Fault::IdleCut(cut) => self.idle_cut = on.then_some((cut.after, cut.how)),
            Fault::Slice(slice) => self.slice_bytes = on.then_some(slice.bytes),
            Fault::Coalesce(coalesce) => self.coalesce = on.then_some(coalesce.wait),
            _ => return false,
        }
        true
    }
}

/// How the director speaks to a running proxy.
#[derive(Default)]
pub(super) struct Control {
    pub(super) habits: Cell<Habits>,
    changed: Notify,
    /// One bell per connection; ringing it resets the connection.
    bells: RefCell<BTreeMap<u64, Rc<Notify>>>,
    next: Cell<u64>,
}

impl Control {
    /// A fault begins or ends.
    pub(super) fn apply(&self, fault: &Fault, on: bool) {
        let mut habits = self.habits.get();
        if habits.apply(fault, on) {
            self.habits.set(habits);
            self.changed.notify_waiters();
        }
    }

    /// Resets every connection it carries.
    pub(super) fn reset_all(&self) {
        self.bells.borrow().values().for_each(|bell| bell.notify_one());
    }

    fn enter(&self) -> (u64, Rc<Notify>) {
        let id = self.next.get();
        self.next.set(id + 1);
        let bell = Rc::new(Notify::new());
        self.bells.borrow_mut().insert(id, Rc::clone(&bell));
        (id, bell)
    }
}

/// The proxy as a host.
pub(super) fn program(control: Rc<Control>, log: Log) -> Program {
    Rc::new(move |net| {
        let (control, log) = (Rc::clone(&control), log.clone());
        control.bells.borrow_mut().clear();
        Box::pin(async move {
            let listener = net.listen(PORT).await.expect("a fresh host has its port free");
            while let Ok(stream) = listener.accept().await {
                let (net, control, log) = (Rc::clone(&net), Rc::clone(&control), log.clone());
                actix_rt::spawn(async move {
                    let (id, bell) = control.enter();
                    carry(stream, &*net, &control, &bell, &log).await;
                    control.bells.borrow_mut().remove(&id);
                });
            }
        })
    })
}

enum Over {
    Finished,
    Broken,
    Reset,
    Idle(CutHow),
}

/// One connection from its first byte to its end.
async fn carry(down: NetStream, net: &dyn HostNet, control: &Control, bell: &Notify, log: &Log) {
    if control.habits.get().swallow {
        return swallow(down).await;
    }
    let Ok(up) = net.connect(CLOUD, PORT).await else {
        return down.abort();
    };
    let active = Cell::new(net.now());
    let (mut down_read, mut down_write) = tokio::io::split(down);
    let (mut up_read, mut up_write) = tokio::io::split(up);
    let over = {
        let there = pump(&mut down_read, &mut up_write, control, net, &active);
        let back = pump(&mut up_read, &mut down_write, control, net, &active);
        tokio::select! {
            biased;
            () = bell.notified() => Over::Reset,
            how = idle(control, net, &active) => Over::Idle(how),
            done = async { tokio::try_join!(biased; there, back) } => {
                if done.is_ok() { Over::Finished } else { Over::Broken }
            }
        }
    };
    let down = down_read.unsplit(down_write);
    let up = up_read.unsplit(up_write);
    match over {
        Over::Finished => {}
        Over::Broken => {
            down.abort();
            up.abort();
        }
        Over::Reset => {
            log.push(Lane::Proxy, Kind::Cut { how: Cut::Reset });
            down.abort();
            up.abort();
        }
        Over::Idle(how) => {
            log.push(Lane::Proxy, Kind::Cut { how: logged::cut(how) });
            match how {
                CutHow::Fin => {}
                CutHow::Rst => {
                    down.abort();
                    up.abort();
                }
                // Both sides still have their connection and will never hear from it again.
                CutHow::Silence => std::future::pending().await,
            }
        }
    }
}

/// Takes everything and answers nothing, until the other side gives up.
async fn swallow(mut down: NetStream) {
    let mut ignored = [0; 1024];
    while matches!(down.read(&mut ignored).await, Ok(1..)) {}
}

/// Forwards one direction up to its FIN, and passes the FIN on.
async fn pump(
    from: &mut ReadHalf<NetStream>,
    to: &mut WriteHalf<NetStream>,
    control: &Control,
    net: &dyn HostNet,
    active: &Cell<Duration>,
) -> io::Result<()> {
    let mut chunk = Vec::with_capacity(CHUNK_BYTES);
    loop {
        chunk.clear();
        if read_more(from, &mut chunk).await? == 0 {
            return to.shutdown().await;
        }
        active.set(net.now());
        let habits = control.habits.get();
        if let Some(wait) = habits.coalesce {
            more_within(wait, from, &mut chunk).await?;
        }
        match habits.slice_bytes {
            None => to.write_all(&chunk).await?,
            Some(bytes) => {
                for slice in chunk.chunks(bytes) {
                    to.write_all(slice).await?;
                    // A slice a millisecond: in one moment they would travel as one again.
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
            }
        }
        active.set(net.now());
    }
}

/// Reads on until the chunk is full, or for so long.
async fn more_within(
    wait: Duration,
    from: &mut ReadHalf<NetStream>,
    chunk: &mut Vec<u8>,
) -> io::Result<()> {
    let deadline = tokio::time::sleep(wait);
    tokio::pin!(deadline);
    while chunk.len() < CHUNK_BYTES {
        tokio::select! {
            biased;
            () = &mut deadline => break,
            read = read_more(from, chunk) => if read? == 0 { break },
        }
    }
    Ok(())
}

/// Appends what has arrived, up to the size of a chunk.
async fn read_more(from: &mut ReadHalf<NetStream>, chunk: &mut Vec<u8>) -> io::Result<usize> {
    let room = CHUNK_BYTES - chunk.len();
    from.read_buf(&mut chunk.limit(room)).await
}

/// Resolves when the connection has been idle for as long as the proxy's habit allows.
async fn idle(control: &Control, net: &dyn HostNet, active: &Cell<Duration>) -> CutHow {
    loop {
        let Some((after, how)) = control.habits.get().idle_cut else {
            control.changed.notified().await;
            continue;
        };
        let left = (active.get() + after).saturating_sub(net.now());
        if left.is_zero() {
            return how;
        }
        tokio::select! {
            biased;
            () = control.changed.notified() => {}
            () = tokio::time::sleep(left) => {}
        }
    }
}
