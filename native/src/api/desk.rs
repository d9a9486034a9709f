//! Which request gets which answer, and who gets one.

use core::net::{IpAddr, SocketAddr};

use hyper::{
    Method, Request, Response, StatusCode,
    header::{self, HeaderValue},
    http::uri::Authority,
};

use super::{
    Board, Token, health,
    metrics::{self, Format},
    moment::Moment,
    pace::{Kind, Paces},
    status,
};

const TEXT: &str = "text/plain; charset=utf-8";

/// Answers requests. Whatever is asked, nothing is changed by it.
#[derive(Debug)]
pub(super) struct Desk {
    board: Board,
    token: Option<Token>,
    pub(super) paces: Paces,
    status: Moment,
    /// In the formats' order.
    metrics: [Moment; 2],
}

impl Desk {
    pub(super) fn new(board: Board, token: Option<Token>) -> Self {
        Self {
            board,
            token,
            paces: Paces::new(),
            status: Moment::default(),
            metrics: Default::default(),
        }
    }

    /// Who asks.
    pub(super) fn kind<B>(&self, request: &Request<B>, peer: SocketAddr) -> Kind {
        if self.is_token(request) {
            Kind::Known
        } else if peer.ip().to_canonical().is_loopback() && !is_of_a_page(request) {
            Kind::Here
        } else {
            Kind::Other
        }
    }

    /// The answer to a request of `peer`.
    pub(super) fn answer<B>(&self, request: &Request<B>, peer: SocketAddr) -> Response<String> {
        let path = request.uri().path();
        // A page whose name leads to this machine (DNS rebinding) cannot know the token.
        if !self.is_token(request) {
            if !is_named_as_it_is(request) {
                let problem = "ask for this machine by its IP address or as localhost";
                return refusal(StatusCode::MISDIRECTED_REQUEST, problem);
            }
            let is_open = path == "/healthz" && peer.ip().to_canonical().is_loopback();
            if self.token.is_some() && !is_open {
                let problem = "send the token, as Authorization: Bearer …";
                let mut answer = refusal(StatusCode::UNAUTHORIZED, problem);
                let scheme = HeaderValue::from_static("Bearer");
                answer
                    .headers_mut()
                    .insert(header::WWW_AUTHENTICATE, scheme);
                return answer;
            }
        }
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            let problem = "nothing can be changed here; ask with GET or HEAD";
            let mut answer = refusal(StatusCode::METHOD_NOT_ALLOWED, problem);
            let allowed = HeaderValue::from_static("GET, HEAD");
            answer.headers_mut().insert(header::ALLOW, allowed);
            return answer;
        }
        let (kind, text) = match path {
            "/healthz" => {
                return match health::trouble(&self.board.view()) {
                    None => answer(StatusCode::OK, TEXT, "ok\n".to_owned()),
                    Some(trouble) => refusal(StatusCode::SERVICE_UNAVAILABLE, &trouble),
                };
            }
            "/metrics" => {
                let accept = request.headers().get(header::ACCEPT);
                let accept = accept.and_then(|it| it.to_str().ok()).unwrap_or_default();
                let format = Format::of(accept);
                let text = self.metrics[format as usize]
                    .answer(|| metrics::answer(self.board.view(), format));
                (format.content_type(), text)
            }
            "/status" => {
                let text = self.status.answer(|| status::answer(&self.board));
                ("application/json", text)
            }
            _ => {
                let problem = "there are /status, /metrics and /healthz";
                return refusal(StatusCode::NOT_FOUND, problem);
            }
        };
        answer(StatusCode::OK, kind, text)
    }

    /// Whether the request has the token; never where there is none.
    fn is_token<B>(&self, request: &Request<B>) -> bool {
        let given = request.headers().get(header::AUTHORIZATION);
        let given = given.and_then(|it| bearer(it.as_bytes()));
        match (&self.token, given) {
            (Some(token), Some(given)) => token.is(given),
            _ => false,
        }
    }
}

/// What follows the name of the scheme, which may be written in any case.
fn bearer(value: &[u8]) -> Option<&[u8]> {
    let (scheme, token) = value.split_at_checked("Bearer ".len())?;
    scheme
        .eq_ignore_ascii_case(b"Bearer ")
        .then_some(token.trim_ascii())
}

/// Whether the request names this machine by an address, or as itself: a page of a browser that came from elsewhere has
/// another name.
fn is_named_as_it_is<B>(request: &Request<B>) -> bool {
    let mut hosts = request.headers().get_all(header::HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else {
        return false;
    };
    let Ok(authority) = Authority::try_from(host.as_bytes()) else {
        return false;
    };
    let host = authority.host();
    let address = host.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
    let is_address = address.unwrap_or(host).parse::<IpAddr>().is_ok();
    is_address || host.eq_ignore_ascii_case("localhost")
}

/// Whether a page of elsewhere has the browser ask. Browsers say so to this machine.
fn is_of_a_page<B>(request: &Request<B>) -> bool {
    let site = request.headers().get("sec-fetch-site");
    site.is_some_and(|it| !matches!(it.as_bytes(), b"none" | b"same-origin"))
        || !is_named_as_it_is(request)
}

fn refusal(code: StatusCode, why: &str) -> Response<String> {
    answer(code, TEXT, format!("{why}\n"))
}

fn answer(code: StatusCode, kind: &'static str, text: String) -> Response<String> {
    let mut answer = Response::new(text);
    *answer.status_mut() = code;
    let headers = answer.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(hosts: &[&str]) -> bool {
        let mut request = Request::new(());
        for host in hosts {
            let host = HeaderValue::from_str(host).expect("a header");
            request.headers_mut().append(header::HOST, host);
        }
        is_named_as_it_is(&request)
    }

    #[test]
    fn a_page_of_another_name_gets_nothing() {
        for host in [
            "127.0.0.1:4720",
            "127.0.0.1",
            "192.168.1.7:80",
            "[::1]:4720",
            "localhost:4720",
            "LocalHost",
        ] {
            assert!(named(&[host]), "{host}");
        }
        for hosts in [
            &["evil.example:4720"][..],
            &["localhost.evil.example"],
            &["127.0.0.1.evil.example"],
            &["user@evil.example"],
            &["2130706433.example"],
            &[""],
            &[],
            &["127.0.0.1", "evil.example"],
        ] {
            assert!(!named(hosts), "{hosts:?}");
        }
    }

    #[test]
    fn nobody_waits_for_pages_and_strangers() {
        let token = "0123456789abcdef";
        let desk = Desk::new(Board::new("mine"), Some(Token::new(token)));
        let kind = |peer: &str, fields: &[(&'static str, &str)]| {
            let mut request = Request::new(());
            for (name, value) in [&[("host", "localhost")][..], fields].concat() {
                let value = HeaderValue::from_str(value).expect("a value");
                request.headers_mut().append(name, value);
            }
            desk.kind(
                &request,
                SocketAddr::new(peer.parse().expect("an address"), 1),
            )
        };
        let shown = format!("Bearer {token}");
        for peer in ["127.0.0.1", "::1", "::ffff:127.0.0.1"] {
            assert_eq!(kind(peer, &[]), Kind::Here, "{peer}");
            for here in ["none", "same-origin"] {
                assert_eq!(kind(peer, &[("sec-fetch-site", here)]), Kind::Here);
            }
            for page in ["cross-site", "same-site", "else"] {
                assert_eq!(kind(peer, &[("sec-fetch-site", page)]), Kind::Other);
            }
            assert_eq!(kind(peer, &[("host", "evil.example")]), Kind::Other);
        }
        assert_eq!(kind("192.0.2.1", &[]), Kind::Other);
        assert_eq!(
            kind("192.0.2.1", &[("authorization", "Bearer x")]),
            Kind::Other
        );
        assert_eq!(kind("192.0.2.1", &[("authorization", &shown)]), Kind::Known);
    }

    #[test]
    fn the_scheme_of_a_token_has_no_case() {
        assert_eq!(bearer(b"Bearer abc"), Some(&b"abc"[..]));
        assert_eq!(bearer(b"bearer  abc "), Some(&b"abc"[..]));
        for wrong in [&b"Basic abc"[..], b"abc", b"", b"Bearer"] {
            assert_eq!(bearer(wrong), None);
        }
    }
}
