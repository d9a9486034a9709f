//! JSON-RPC over a WebSocket, one request at a time.

use core::net::Ipv4Addr;
use core::time::Duration;
use std::net::TcpStream;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use tungstenite::{Message, WebSocket};

/// A block takes a tenth of a second, on a busy machine some seconds.
const TIMEOUT: Duration = Duration::from_secs(60);

/// What the chain answers when it refuses a request.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{method}: {message} (code {code})")]
pub struct RpcError {
    /// What was asked.
    pub method: String,
    /// 1010 and 1011 are refused transactions, -32601 is an unknown method.
    pub code: i64,
    /// In words; for a refused transaction, its validity as JSON.
    pub message: String,
    /// More, from some methods.
    pub data: Option<Value>,
}

/// An open connection.
pub(crate) struct Client {
    socket: WebSocket<TcpStream>,
    last_id: u64,
}

impl Client {
    pub(crate) fn connect(port: u16) -> Result<Self> {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(TIMEOUT))?;
        let (socket, _) = tungstenite::client(format!("ws://127.0.0.1:{port}"), stream)
            .context("the chain does not answer")?;
        Ok(Self { socket, last_id: 0 })
    }

    /// Asks, and waits for the answer.
    pub(crate) fn request(&mut self, method: &str, params: &Value) -> Result<Value> {
        self.last_id += 1;
        let id = self.last_id;
        let request = json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params });
        self.socket.send(Message::text(request.to_string()))?;
        loop {
            let Message::Text(text) = self.socket.read()? else {
                continue;
            };
            let mut answer: Value = serde_json::from_str(&text)?;
            if answer["id"] != id {
                continue; // a notification, or the answer to a request that was given up
            }
            let error = answer["error"].take();
            if error.is_null() {
                return Ok(answer["result"].take());
            }
            bail!(RpcError {
                method: method.to_owned(),
                code: error["code"].as_i64().unwrap_or(0),
                message: error["message"].as_str().unwrap_or_default().to_owned(),
                data: error.get("data").cloned(),
            });
        }
    }
}

/// As in JSON: `0x` and two digits for each byte.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().map(|byte| format!("{byte:02x}"));
    core::iter::once("0x".to_owned()).chain(digits).collect()
}

/// The bytes of what [`hex`] writes.
pub(crate) fn unhex(text: &str) -> Result<Vec<u8>> {
    let digits = text.strip_prefix("0x").unwrap_or(text);
    (0..digits.len())
        .step_by(2)
        .map(|i| {
            let byte = digits
                .get(i..i + 2)
                .and_then(|byte| u8::from_str_radix(byte, 16).ok());
            byte.with_context(|| format!("{text} is not hexadecimal"))
        })
        .collect()
}
