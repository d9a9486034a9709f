//! Asks the API of the program, as any program would.

use core::time::Duration;
use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    thread,
    time::Instant,
};

use serde_json::Value;

use super::{program::Program, text::PATIENCE};

/// Somebody who asks.
pub(crate) struct Client {
    /// `127.0.0.1:4720`.
    pub(crate) address: String,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) code: u16,
    /// In small letters.
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Client {
    /// Of a program that says where it answers.
    pub(crate) fn of(program: &Program) -> Self {
        let line = program.says("how it goes is at http://");
        let (_, rest) = line.split_once("http://").expect("an address");
        let address = rest.split('/').next().expect("an address");
        Self {
            address: address.to_owned(),
        }
    }

    /// A connection.
    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.address).expect("it listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a time");
        stream
    }

    /// The answer to a request with these lines of its head besides the first.
    pub(crate) fn ask(&self, request: &str, lines: &[&str]) -> Answer {
        let head: String = lines.iter().map(|line| format!("{line}\r\n")).collect();
        let head = format!("{request} HTTP/1.1\r\nConnection: close\r\n{head}\r\n");
        let mut stream = self.connect();
        stream.write_all(head.as_bytes()).expect("it reads");
        let mut text = String::new();
        stream.read_to_string(&mut text).expect("it answers");
        Answer::read(&text)
    }

    /// The answer to GET, as a program of this machine asks.
    pub(crate) fn get(&self, path: &str) -> Answer {
        let host = format!("Host: {}", self.address);
        self.ask(&format!("GET {path}"), &[&host])
    }

    /// The same; none if nobody answers there.
    pub(crate) fn try_get(&self, path: &str) -> Option<Answer> {
        TcpStream::connect(&self.address).ok()?;
        Some(self.get(path))
    }

    /// The JSON of `/status`.
    pub(crate) fn status(&self) -> Value {
        let answer = self.get("/status");
        assert_eq!(answer.code, 200, "{answer:?}");
        serde_json::from_str(&answer.body).expect("JSON")
    }

    /// Asks for `/status` until it is as wished; that one.
    pub(crate) fn status_with(&self, is_it: impl Fn(&Value) -> bool) -> Value {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let status = self.status();
            if is_it(&status) {
                return status;
            }
            assert!(Instant::now() < deadline, "it stays so: {status:#}");
            thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Answer {
    fn read(text: &str) -> Self {
        let (head, body) = text.split_once("\r\n\r\n").expect("a head");
        let code = head.split(' ').nth(1).expect("a code");
        Self {
            code: code.parse().expect("a number"),
            head: head.to_ascii_lowercase(),
            body: body.to_owned(),
        }
    }

    /// The body, also if it came in pieces.
    pub(crate) fn whole_body(&self) -> String {
        if self.header("transfer-encoding") != Some("chunked") {
            return self.body.clone();
        }
        let (mut whole, mut rest) = (String::new(), self.body.as_str());
        while let Some((length, after)) = rest.split_once("\r\n") {
            let length = usize::from_str_radix(length, 16).expect("a length");
            whole += &after[..length];
            rest = after[length..].trim_start_matches("\r\n");
        }
        whole
    }

    /// The value of a line of the head.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines();
        let mut values = lines.filter_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        values.next()
    }
}

/// How much a search has hashed, by its status.
pub(crate) fn hashes(status: &Value) -> u64 {
    let text = status["statistics"]["nonces_total"].as_str();
    text.map_or(0, |text| text.parse().expect("a number"))
}
