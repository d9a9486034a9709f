//! What a NATS client and its server say to each other: lines of text, and payloads behind some of them.

/// One thing that is said, as it is on the wire.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Frame {
    /// The line with its end, and the payload with its own.
    pub(crate) bytes: Vec<u8>,
    /// How long the line is, without its end.
    line: usize,
}

/// What came so far, and was not taken yet.
#[derive(Debug, Default)]
pub(crate) struct Frames(Vec<u8>);

const END: &[u8] = b"\r\n";

impl Frames {
    /// More came.
    pub(crate) fn add(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    /// The next one, if it is whole.
    pub(crate) fn take(&mut self) -> Option<Frame> {
        let line = self.0.windows(END.len()).position(|it| it == END)?;
        let text = core::str::from_utf8(&self.0[..line]).expect("lines are text");
        let mut words = text.split_ascii_whitespace();
        let mut len = line + END.len();
        if let Some("MSG" | "HMSG" | "PUB" | "HPUB") = words.next() {
            let size = words.next_back().expect("its size is last");
            let size: usize = size.parse().expect("a number of bytes");
            len += size + END.len();
        }
        if self.0.len() < len {
            return None;
        }
        let rest = self.0.split_off(len);
        let bytes = core::mem::replace(&mut self.0, rest);
        Some(Frame { bytes, line })
    }
}

impl Frame {
    /// The words of its line.
    pub(crate) fn words(&self) -> impl Iterator<Item = &str> {
        let line = core::str::from_utf8(&self.bytes[..self.line]);
        line.expect("lines are text").split_ascii_whitespace()
    }

    /// What it does: `MSG`, `PUB`, `PING`.
    pub(crate) fn verb(&self) -> &str {
        self.words().next().unwrap_or_default()
    }

    /// The subject of a message.
    pub(crate) fn subject(&self) -> &str {
        self.words().nth(1).unwrap_or_default()
    }

    /// The bytes of a message that has no headers.
    pub(crate) fn payload(&self) -> &[u8] {
        let payload = self.bytes[self.line + END.len()..].strip_suffix(END);
        payload.unwrap_or_default()
    }
}

/// What a client says to send a message.
pub(crate) fn publish(subject: &str, payload: &[u8]) -> Vec<u8> {
    let line = format!("PUB {subject} {}\r\n", payload.len());
    [line.as_bytes(), payload, END].concat()
}

#[test]
fn frames_are_taken_whole() {
    let mut frames = Frames::default();
    let told = b"INFO {}\r\nMSG a.b 1 5\r\n\r\n:)\n\r\nPING\r\n";
    let mut taken = Vec::new();
    for byte in told {
        frames.add(&[*byte]);
        taken.extend(frames.take());
    }
    let verbs: Vec<_> = taken.iter().map(Frame::verb).collect();
    assert_eq!(verbs, ["INFO", "MSG", "PING"]);
    assert_eq!(taken[1].subject(), "a.b");
    assert_eq!(taken[1].payload(), b"\r\n:)\n");
    let all: Vec<u8> = taken.into_iter().flat_map(|it| it.bytes).collect();
    assert_eq!(all, told);
    frames.add(&publish("a", b"bc"));
    let sent = frames.take().expect("it is whole");
    assert_eq!((sent.subject(), sent.payload()), ("a", &b"bc"[..]));
}
