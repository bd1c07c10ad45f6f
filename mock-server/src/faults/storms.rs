//! Weather that people have names for: several faults at once.

/// A named set of faults.
pub(crate) struct Storm {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    /// As `POST faults` takes them, in a JSON array.
    pub(crate) faults: &'static str,
}

/// Every storm.
pub(crate) const STORMS: [Storm; 4] = [
    Storm {
        name: "429-storm",
        about: "for half a minute every door answers 429, each in another form",
        faults: r#"[
            {"kind": "answer", "status": 429, "retryAfter": 2, "endpoint": "messages", "for": "30s"},
            {"kind": "answer", "status": 429, "retryAfter": "date 5s", "endpoint": "guests", "for": "30s"},
            {"kind": "answer", "status": 429, "endpoint": "refresh", "for": "30s"},
            {"kind": "answer", "status": 429, "retryAfter": 3, "endpoint": "socket", "for": "30s"}
        ]"#,
    },
    Storm {
        name: "idle-proxy",
        about: "a proxy lets every socket of the next ten minutes die after a minute, half of them silently",
        faults: r#"[
            {"kind": "black-hole-after", "after": "60s", "probability": 0.5, "seed": 1, "for": "10m"},
            {"kind": "cut-after", "after": "60s", "code": 1006, "for": "10m"}
        ]"#,
    },
    Storm {
        name: "rolling-restart",
        about: "the cloud restarts three times, and refuses handshakes for some seconds after each",
        faults: r#"[
            {"kind": "cut-after", "after": "5s", "code": 1012, "count": 3},
            {"kind": "answer", "status": 503, "retryAfter": 2, "endpoint": "socket", "from": "5s", "for": "4s"},
            {"kind": "answer", "status": 503, "endpoint": "socket", "from": "15s", "for": "4s"},
            {"kind": "answer", "status": 502, "endpoint": "any", "from": "25s", "for": "4s"}
        ]"#,
    },
    Storm {
        name: "flaky-mobile",
        about: "two minutes of a train ride: slow, late, lost and cut",
        faults: r#"[
            {"kind": "ack-dropped-after-accept", "endpoint": "messages", "probability": 0.1, "seed": 1, "for": "2m"},
            {"kind": "ack-delayed", "by": "3s", "endpoint": "messages", "probability": 0.2, "seed": 2, "for": "2m"},
            {"kind": "inbound-delayed", "by": "4s", "probability": 0.3, "seed": 3, "for": "2m"},
            {"kind": "cut-after", "after": "20s", "probability": 0.7, "seed": 4, "for": "2m"},
            {"kind": "swallow-handshake", "probability": 0.2, "seed": 5, "for": "2m"}
        ]"#,
    },
];
