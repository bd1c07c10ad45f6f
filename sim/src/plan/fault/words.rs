//! Each fault in a few words, for logs and diagrams.

use std::fmt;

use super::{CutHow, Door, Fault, HostId, LinkName, PartitionWay};

/// A short, stable text for diagrams.
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Partition(p) => match p.way {
                PartitionWay::Both => write!(f, "partition {}", p.link),
                PartitionWay::Up => write!(f, "partition {}, up only", p.link),
                PartitionWay::Down => write!(f, "partition {}, down only", p.link),
            },
            Self::Hold(hold) => write!(f, "hold {}", hold.link),
            Self::Latency(slow) => write!(f, "latency {:?} {}", slow.latency, slow.link),
            Self::Loss(loss) => write!(f, "{} % loss {}", loss.percent, loss.link),
            Self::Rst(_) => f.write_str("proxy resets everything"),
            Self::Refuse(on) => write!(f, "{} refuses", on.host),
            Self::SwallowHandshake(_) => f.write_str("proxy swallows connections"),
            Self::IdleCut(cut) => {
                let how = match cut.how {
                    CutHow::Fin => "FIN",
                    CutHow::Rst => "RST",
                    CutHow::Silence => "silence",
                };
                write!(f, "proxy cuts after {:?} idle: {how}", cut.after)
            }
            Self::Slice(slice) => write!(f, "proxy slices to {} bytes", slice.bytes),
            Self::Coalesce(coalesce) => write!(f, "proxy waits {:?}", coalesce.wait),
            Self::Crash(on) => write!(f, "crash of {}", on.host),
            Self::Restart(restart) => write!(f, "restart with {}", restart.code),
            Self::Answer(answer) => {
                write!(f, "{} answers {}", answer.on, answer.status)?;
                answer.retry_after.as_ref().map_or(Ok(()), |after| write!(f, ", wait {after}"))
            }
            Self::AckLostBeforeAccept(_) => f.write_str("a message will be swallowed"),
            Self::AckLostAfterAccept(_) => f.write_str("an ack will be lost"),
            Self::AckDelayed(delayed) => write!(f, "an ack will be {:?} late", delayed.by),
            Self::AckDoubled(_) => f.write_str("an ack will be doubled"),
            Self::SwallowUpgrade(_) => f.write_str("a handshake will not be answered"),
            Self::Close(close) => write!(f, "cloud closes with {}", close.code),
            Self::ExpireTokens(_) => f.write_str("tokens expire"),
            Self::ForgetGuests(_) => f.write_str("guests are forgotten"),
            Self::ClockJump(jump) => {
                write!(f, "the client's clock is put forward by {:?}", jump.by)
            }
        }
    }
}

impl fmt::Display for Door {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Guests => "guests",
            Self::Refresh => "refresh",
            Self::Socket => "socket",
            Self::Messages => "messages",
            Self::History => "history",
            Self::Any => "everything",
        })
    }
}

impl fmt::Display for LinkName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ClientProxy => "client-proxy",
            Self::ProxyCloud => "proxy-cloud",
        })
    }
}

impl fmt::Display for HostId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Client => "client",
            Self::Proxy => "proxy",
            Self::Cloud => "cloud",
        })
    }
}
