//! Who one is to the server of a fleet: a key, or a key with what somebody signed for it.

use core::fmt;
use std::{path::Path, sync::Arc};

use async_nats::{Auth, AuthError};
use nkeys::{KeyPair, KeyPairType};

use crate::{
    cli::Usage,
    wallet::{self, Password},
};

/// The flag that names the file.
pub(super) const FLAG: &str = "--fleet-creds";

/// How to get a file that can be read.
const REMEDY: &str = "give a file with the user's seed, which begins with SU, or a .creds file";

/// What stands before the token in a `.creds` file.
const TOKEN: &str = "BEGIN NATS USER JWT";

/// A key of a user of the server, and the token that goes with it where the server knows users by tokens. It is kept as
/// NATS's own library keeps it, which is no place for the keys of a wallet.
#[derive(Clone)]
pub struct Credentials(Arc<Content>);

struct Content {
    pair: KeyPair,
    token: Option<String>,
}

impl Credentials {
    /// Those in a file: a seed as `nk` writes it, perhaps with its public key, or a `.creds` file.
    ///
    /// # Errors
    ///
    /// The file cannot be read, or others can; it holds no user's key, or a damaged one.
    pub fn read(path: &Path) -> Result<Self, Usage> {
        wallet::harden().map_err(|error| Usage::of(FLAG, error))?;
        let text = Password::read_credentials(path).map_err(|error| Usage::of(FLAG, error))?;
        Self::parse(text.expose())
            .map_err(|flaw| Usage::new(FLAG, format_args!("{} {flaw}", path.display()), REMEDY))
    }

    /// The same of a text. An error follows the file's name, and holds nothing of the text.
    fn parse(text: &[u8]) -> Result<Self, &'static str> {
        let text = core::str::from_utf8(text).map_err(|_| "is not text")?;
        let lines = || text.lines().map(str::trim);
        // As NATS's own programs look for it.
        let seed = lines().find(|line| line.starts_with("SU"));
        let seed = seed.ok_or_else(|| {
            let mut others = lines().filter(|line| line.len() == SEED);
            if others.any(|line| line.starts_with('S')) {
                "holds the key of an account, an operator or a server, which no rig needs"
            } else {
                "holds no user's key"
            }
        })?;
        let damaged = "holds a key that is damaged, or cut off";
        let pair = KeyPair::from_seed(seed).map_err(|_| damaged)?;
        if pair.key_pair_type() != KeyPairType::User {
            return Err(damaged);
        }
        let mut rest = lines().skip_while(|line| !line.contains(TOKEN)).skip(1);
        let token = rest.find(|line| !line.is_empty()).map(str::to_owned);
        if token.as_ref().is_some_and(|token| token.starts_with('-')) {
            return Err("holds no token where it says that there is one");
        }
        Ok(Self(Arc::new(Content { pair, token })))
    }

    /// What shows the server who this is: a signature of what it made up.
    pub(super) fn answer(&self, question: &[u8]) -> Result<Auth, AuthError> {
        let Content { pair, token } = &*self.0;
        let mut auth = Auth::new();
        auth.signature = Some(pair.sign(question).map_err(AuthError::new)?);
        match token {
            // The token names the key.
            Some(token) => auth.jwt = Some(token.clone()),
            None => auth.nkey = Some(pair.public_key()),
        }
        Ok(auth)
    }
}

/// The characters of a seed.
const SEED: usize = 58;

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The keys of the tests of `btpow-fleet`, which are for nothing else.
    const USER: &str = "SUABV3YZJW7OQVYQXPP64ULEHB53JPBTUPHRLIRB35HTHB223LEXDRYZWU";
    const PUBLIC: &str = "UAHSXPYLQ6NIR5RYNRBUUSX4ZIYELNBQAI4ODFGNK4N2EVWFGD4GBBJX";

    fn parse(text: &str) -> Result<Auth, &'static str> {
        let credentials = Credentials::parse(text.as_bytes())?;
        Ok(credentials.answer(b"nonce").expect("it signs"))
    }

    #[test]
    fn a_seed_alone_or_with_its_public_key_signs() {
        for text in [
            USER.to_owned(),
            format!("{USER}\n"),
            format!("  {USER}\r\n{PUBLIC}\r\n"),
        ] {
            let auth = parse(&text).expect("a seed");
            assert_eq!(auth.nkey.as_deref(), Some(PUBLIC));
            assert_eq!(auth.jwt, None);
            let public = KeyPair::from_public_key(PUBLIC).expect("a key");
            let signature = auth.signature.expect("it signs");
            assert!(public.verify(b"nonce", &signature).is_ok());
        }
    }

    #[test]
    fn a_creds_file_has_a_token_too() {
        let text = format!(
            "-----BEGIN NATS USER JWT-----\n\
             eyJ0eXAi.eyJqdGki.c2ln\n\
             ------END NATS USER JWT------\n\n\
             ************************* IMPORTANT *************************\n\
             NKEY Seed printed below can be used to sign and prove identity.\n\
             NKEYs are sensitive and should be treated as secrets.\n\n\
             -----BEGIN USER NKEY SEED-----\n\
             {USER}\n\
             ------END USER NKEY SEED------\n\n\
             *************************************************************\n"
        );
        for text in [text.clone(), text.replace('\n', "\r\n")] {
            let auth = parse(&text).expect("credentials");
            assert_eq!(auth.jwt.as_deref(), Some("eyJ0eXAi.eyJqdGki.c2ln"));
            assert_eq!(auth.nkey, None);
        }
        let cut = text.replace("eyJ0eXAi.eyJqdGki.c2ln\n", "");
        let flaw = parse(&cut).err();
        assert_eq!(flaw, Some("holds no token where it says that there is one"));
    }

    #[test]
    fn what_holds_no_users_key_is_said_without_repeating_it() {
        let account = KeyPair::new_account().seed().expect("it has one");
        let cut = &USER[..50];
        let other = USER.replace("HB53", "HB54");
        for (text, flaw) in [
            ("", "holds no user's key"),
            (PUBLIC, "holds no user's key"),
            ("hunter2", "holds no user's key"),
            (&account, "which no rig needs"),
            (cut, "damaged, or cut off"),
            (&other, "damaged, or cut off"),
        ] {
            let found = parse(text).err().expect(text);
            assert!(found.contains(flaw), "{found}");
        }
        let found = Credentials::parse(b"SU\xff").err();
        assert_eq!(found, Some("is not text"));
        let credentials = Credentials::parse(USER.as_bytes()).expect("a seed");
        assert_eq!(format!("{credentials:?}"), "Credentials { .. }");
    }
}
