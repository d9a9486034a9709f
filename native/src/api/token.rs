//! What a client of the API sends to be answered.

use core::fmt;
use std::path::Path;

use hyper::header::HeaderValue;
use subtle::ConstantTimeEq as _;

use crate::{cli::Usage, wallet::Password};

/// The flag that names the file.
pub(super) const FLAG: &str = "--api-token-file";

/// The fewest characters: shorter ones can be guessed.
const SHORTEST: usize = 16;

/// A text that only those know who may ask.
pub struct Token(Password);

impl Token {
    /// The token in a file, perhaps with a line end.
    ///
    /// # Errors
    ///
    /// The file cannot be read, or others can; it is too short, or cannot be in a header.
    pub fn read(path: &Path) -> Result<Self, Usage> {
        let token = Password::read(path).map_err(|error| Usage::of(FLAG, error))?;
        let text = token.expose();
        let wrong = |problem: &str| {
            let problem = format_args!("the token in {} {problem}", path.display());
            let remedy = "make one with: openssl rand -hex 32";
            Err(Usage::new(FLAG, problem, remedy))
        };
        if !text.iter().all(u8::is_ascii_graphic) {
            return wrong("has more than letters, digits and signs of ASCII on one line");
        }
        if text.len() < SHORTEST {
            return wrong(&format!("has fewer than {SHORTEST} characters"));
        }
        Ok(Self(token))
    }

    /// A token that is in no file.
    #[cfg(test)]
    pub(super) fn new(text: &str) -> Self {
        Self(Password::from(text.to_owned()))
    }

    /// Whether it is this one. How long that takes does not tell how much of it is right.
    pub(super) fn is(&self, given: &[u8]) -> bool {
        self.0.expose().ct_eq(given).into()
    }

    /// The header that shows it.
    pub(crate) fn header(&self) -> HeaderValue {
        let value = [b"Bearer ", self.0.expose()].concat();
        let mut value = HeaderValue::try_from(value).expect("signs of ASCII are allowed there");
        value.set_sensitive(true);
        value
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token").finish_non_exhaustive()
    }
}
