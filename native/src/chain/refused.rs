//! What an endpoint answers instead of a WebSocket, when it has enough visitors. The client says only the status of that
//! answer, not when to come again.

use core::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};
use std::{
    io,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// The most bytes of an answer's head to keep.
const LONGEST_HEAD: usize = 8 << 10;

/// However long an endpoint wants to be left alone, it is asked again after this.
const LONGEST_WAIT: Duration = Duration::from_secs(600);

/// The statuses with which an endpoint says that it is busy, and what they mean.
const BUSY: [(u16, &str); 2] = [(429, "too many requests"), (503, "service unavailable")];

/// The head of an HTTP answer, as far as it was read.
#[derive(Clone, Debug, Default)]
pub(super) struct Head(Arc<Mutex<Vec<u8>>>);

/// A stream that keeps the head of the first answer.
pub(super) struct Heard<S> {
    stream: S,
    head: Head,
    is_over: bool,
}

/// What the status says, if it says that the endpoint is busy: `HTTP 429, too many requests`.
pub(super) fn busy(status: u16) -> Option<String> {
    let mut known = BUSY.iter();
    let (_, words) = known.find(|(busy, _)| *busy == status)?;
    Some(format!("HTTP {status}, {words}"))
}

impl Head {
    /// When the endpoint wants to be asked again; zero where it does not say so in seconds.
    pub(super) fn wait(&self) -> Duration {
        let head = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let text = String::from_utf8_lossy(&head);
        let head = text.split("\r\n\r\n").next().unwrap_or_default();
        let seconds = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            let is_it = name.trim().eq_ignore_ascii_case("retry-after");
            is_it.then(|| value.trim().parse().ok()).flatten()
        });
        Duration::from_secs(seconds.unwrap_or(0)).min(LONGEST_WAIT)
    }
}

impl<S> Heard<S> {
    /// Listens to a stream.
    pub(super) fn new(stream: S) -> (Self, Head) {
        let head = Head::default();
        let heard = Self {
            stream,
            head: head.clone(),
            is_over: false,
        };
        (heard, head)
    }

    fn note(&mut self, bytes: &[u8]) {
        let mut head = self.head.0.lock().unwrap_or_else(PoisonError::into_inner);
        let room = LONGEST_HEAD - head.len();
        head.extend_from_slice(&bytes[..bytes.len().min(room)]);
        self.is_over = bytes.len() >= room || head.windows(4).any(|end| end == b"\r\n\r\n");
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Heard<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(context, buffer);
        if !self.is_over {
            self.note(&buffer.filled()[before..]);
        }
        polled
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Heard<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait(parts: &[&str]) -> Duration {
        let (mut heard, head) = Heard::new(());
        for part in parts {
            heard.note(part.as_bytes());
        }
        head.wait()
    }

    #[test]
    fn when_to_come_again() {
        let answer = "HTTP/1.1 429 Too Many Requests\r\nretry-after: 7\r\n\r\n";
        assert_eq!(wait(&[answer]), Duration::from_secs(7));
        let (begin, end) = answer.split_at(40);
        assert_eq!(wait(&[begin, end]), Duration::from_secs(7));
        for silent in [
            "HTTP/1.1 429 Too Many Requests\r\n\r\nRetry-After: 7\r\n",
            "HTTP/1.1 429 x\r\nRetry-After: Fri, 31 Dec 1999 23:59:59 GMT\r\n\r\n",
            "HTTP/1.1 429 x\r\nRetry-After: -1\r\n\r\n",
            "",
        ] {
            assert_eq!(wait(&[silent]), Duration::ZERO, "{silent}");
        }
        let forever = "HTTP/1.1 429 x\r\nRetry-After: 18446744073709551615\r\n\r\n";
        assert_eq!(wait(&[forever]), LONGEST_WAIT);
    }

    #[test]
    fn a_head_without_an_end_is_not_kept() {
        let (mut heard, head) = Heard::new(());
        heard.note(&[b'x'; LONGEST_HEAD + 1]);
        assert!(heard.is_over);
        assert_eq!(head.0.lock().expect("nobody panics").len(), LONGEST_HEAD);
    }

    #[test]
    fn only_a_busy_endpoint_is_busy() {
        assert_eq!(busy(429).as_deref(), Some("HTTP 429, too many requests"));
        assert!(busy(503).is_some());
        assert!(
            [200, 400, 403, 404, 500]
                .map(busy)
                .iter()
                .all(Option::is_none)
        );
    }
}
