//! Somebody who listens to a fleet, and may speak.

use core::{net::SocketAddr, time::Duration};
use std::{
    io::{ErrorKind, Read as _, Write as _},
    net::TcpStream,
    time::Instant,
};

use super::frame::{Frame, Frames, publish};

/// A connection to a server that lets everybody in.
#[derive(Debug)]
pub(crate) struct Ear {
    stream: TcpStream,
    frames: Frames,
}

impl Ear {
    /// Listens to these subjects, once the server knows of it.
    pub(crate) fn to(server: SocketAddr, subjects: &[String]) -> Self {
        let stream = TcpStream::connect(server).expect("it listens");
        stream.set_nodelay(true).expect("a connection");
        let mut ear = Self {
            stream,
            frames: Frames::default(),
        };
        ear.write(b"CONNECT {\"verbose\":false,\"pedantic\":false,\"lang\":\"test\",\"version\":\"0\"}\r\n");
        for (place, subject) in subjects.iter().enumerate() {
            ear.write(format!("SUB {subject} {place}\r\n").as_bytes());
        }
        ear.write(b"PING\r\n");
        while ear.frame(Duration::from_secs(60)).verb() != "PONG" {}
        ear
    }

    /// Says something.
    pub(crate) fn say(&mut self, subject: &str, payload: &[u8]) {
        self.write(&publish(subject, payload));
    }

    /// The next message, if one comes in time, and when it came.
    pub(crate) fn hear(&mut self, time: Duration) -> Option<(Instant, Frame)> {
        let deadline = Instant::now() + time;
        loop {
            let frame = self.try_frame(deadline)?;
            match frame.verb() {
                "MSG" => return Some((Instant::now(), frame)),
                "PING" => self.write(b"PONG\r\n"),
                _ => {}
            }
        }
    }

    fn frame(&mut self, time: Duration) -> Frame {
        let frame = self.try_frame(Instant::now() + time);
        frame.expect("the server answers")
    }

    fn try_frame(&mut self, deadline: Instant) -> Option<Frame> {
        loop {
            if let Some(frame) = self.frames.take() {
                return Some(frame);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            // None would be for ever.
            let left = left.max(Duration::from_millis(1));
            self.stream.set_read_timeout(Some(left)).expect("a time");
            let mut bytes = [0; 4_096];
            match self.stream.read(&mut bytes) {
                Ok(0) => panic!("the server is gone"),
                Ok(len) => self.frames.add(&bytes[..len]),
                Err(error) if is_late(&error) && Instant::now() < deadline => {}
                Err(error) if is_late(&error) => return None,
                Err(error) => panic!("{error}"),
            }
        }
    }

    fn write(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).expect("it reads");
    }
}

fn is_late(error: &std::io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted
    )
}
