//! A proxy such as companies have, HTTP or SOCKS5: the only way to names that no other machine knows.

use core::net::{Ipv4Addr, SocketAddr};
use std::{
    io::{self, Read as _, Write as _},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{Arc, Mutex, PoisonError},
    thread,
};

/// A host that only the proxy knows: behind it is what the proxy leads to.
pub(crate) const HOST: &str = "node.test";

/// The user and the password that a proxy may want, as its URL has them and as they are.
pub(crate) const LOGIN: &str = "user:p%40ss";
const USER: &str = "user";
const PASSWORD: &str = "p@ss";
/// Both in base64, as HTTP has them.
const BASIC: &str = "Basic dXNlcjpwQHNz";

/// What the proxy does.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Manner {
    /// It opens every way.
    Open,
    /// It wants the login.
    Locked,
    /// It opens none.
    Forbidding,
    /// It closes every connection at once.
    Mute,
}

/// The proxy. It ends with the test.
pub(crate) struct Outlet {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Outlet {
    /// By HTTP's CONNECT, to what listens at `behind`.
    pub(crate) fn http(manner: Manner, behind: &str) -> Self {
        Self::start(manner, behind, http)
    }

    /// By SOCKS5.
    pub(crate) fn socks5(manner: Manner, behind: &str) -> Self {
        Self::start(manner, behind, socks5)
    }

    fn start(manner: Manner, behind: &str, open: Open) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let (note, behind) = (Arc::clone(&asked), behind.to_owned());
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let (note, behind) = (Arc::clone(&note), behind.clone());
                // A client that leaves is no fault of the proxy's.
                thread::spawn(move || serve(client, manner, open, &note, &behind));
            }
        });
        Self { address, asked }
    }

    /// Where it listens, as a URL has it.
    pub(crate) fn place(&self) -> String {
        self.address.to_string()
    }

    /// The hosts and ports that it was asked for.
    pub(crate) fn asked(&self) -> Vec<String> {
        let asked = self.asked.lock();
        asked.unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Reads a question, notes the host and port of it, and answers. Returns whether the way is open.
type Open = fn(&mut TcpStream, Manner, &Mutex<Vec<String>>) -> io::Result<bool>;

fn serve(
    mut client: TcpStream,
    manner: Manner,
    open: Open,
    asked: &Mutex<Vec<String>>,
    behind: &str,
) -> io::Result<()> {
    if manner == Manner::Mute || !open(&mut client, manner, asked)? {
        return client.shutdown(Shutdown::Both);
    }
    let mut node = TcpStream::connect(behind)?;
    let (mut there, mut back) = (client.try_clone()?, node.try_clone()?);
    thread::spawn(move || {
        let copied = io::copy(&mut there, &mut back);
        let _ = back.shutdown(Shutdown::Write);
        copied
    });
    io::copy(&mut node, &mut client)?;
    client.shutdown(Shutdown::Write)
}

fn note(asked: &Mutex<Vec<String>>, place: String) {
    let mut asked = asked.lock().unwrap_or_else(PoisonError::into_inner);
    asked.push(place);
}

fn http(client: &mut TcpStream, manner: Manner, asked: &Mutex<Vec<String>>) -> io::Result<bool> {
    let mut question = Vec::new();
    let mut byte = [0];
    while !question.ends_with(b"\r\n\r\n") {
        client.read_exact(&mut byte)?;
        question.push(byte[0]);
    }
    let question = String::from_utf8(question).expect("ASCII");
    let mut lines = question.split("\r\n");
    let mut words = lines.next().expect("a line").split(' ');
    assert_eq!(words.next(), Some("CONNECT"));
    note(asked, words.next().expect("a place").to_owned());
    let login = lines.filter_map(|line| line.split_once(": "));
    let login = { login }.find(|(name, _)| name.eq_ignore_ascii_case("proxy-authorization"));
    let answer = match (manner, login) {
        (Manner::Forbidding, _) => "403 Forbidden",
        (Manner::Locked, login) if login.is_none_or(|(_, login)| login != BASIC) => {
            "407 Proxy Authentication Required"
        }
        _ => "200 Connection established",
    };
    write!(client, "HTTP/1.1 {answer}\r\n\r\n")?;
    Ok(answer.starts_with("200"))
}

fn take(client: &mut TcpStream, count: usize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; count];
    client.read_exact(&mut bytes).map(|()| bytes)
}

fn socks5(client: &mut TcpStream, manner: Manner, asked: &Mutex<Vec<String>>) -> io::Result<bool> {
    let greeting = take(client, 2)?;
    assert_eq!(greeting[0], 5, "the version");
    let methods = take(client, greeting[1].into())?;
    let wanted = if manner == Manner::Locked { 2 } else { 0 };
    if !methods.contains(&wanted) {
        client.write_all(&[5, 0xff])?;
        return Ok(false);
    }
    client.write_all(&[5, wanted])?;
    if wanted == 2 {
        let mut text = |skipped: usize| {
            let length = take(client, skipped + 1)?[skipped];
            take(client, length.into())
        };
        let (user, password) = (text(1)?, text(0)?);
        let is_right = user == USER.as_bytes() && password == PASSWORD.as_bytes();
        client.write_all(&[1, u8::from(!is_right)])?;
        if !is_right {
            return Ok(false);
        }
    }
    let question = take(client, 4)?;
    assert_eq!(&question[..3], [5, 1, 0], "a connection");
    let host = match question[3] {
        1 => {
            let address: [u8; 4] = take(client, 4)?.try_into().expect("four");
            Ipv4Addr::from(address).to_string()
        }
        3 => {
            let length = take(client, 1)?[0];
            String::from_utf8(take(client, length.into())?).expect("a name")
        }
        other => panic!("no address of kind {other} is asked for here"),
    };
    let port = take(client, 2)?;
    note(
        asked,
        format!("{host}:{}", u16::from_be_bytes([port[0], port[1]])),
    );
    let refused = if manner == Manner::Forbidding { 2 } else { 0 };
    client.write_all(&[5, refused, 0, 1, 0, 0, 0, 0, 0, 0])?;
    Ok(refused == 0)
}
