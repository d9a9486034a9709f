//! The content of a key file: JSON, hexadecimal digits, or a phrase.

use core::str;

use btpow_core::PublicKey;
use btpow_registration::Scheme;
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use super::{
    Flaw, Keypair,
    json::{self, Fields},
    phrase,
    secret::Secret,
};

/// The source of a secret key.
enum Origin {
    /// Words, perhaps with a path.
    Phrase(Zeroizing<String>),
    /// A seed of either scheme.
    Seed(Zeroizing<[u8; 32]>),
    /// An expanded secret of sr25519, or a seed of ed25519 with its public key.
    Expanded(Zeroizing<[u8; 64]>),
}

/// The secret key in the content of a file.
///
/// # Errors
///
/// What is wrong with the content.
pub(super) fn keypair(content: &Secret) -> Result<Keypair, Flaw> {
    let text = text(content)?;
    if !text.starts_with('{') {
        // Wallets wrote this before they wrote JSON.
        return bare(text)?.keypair(Scheme::Sr25519);
    }
    let fields = fields(text)?;
    let scheme = scheme(&fields)?;
    let origin = origin(&fields)?.ok_or(Flaw::NoSecret)?;
    let stored = stored(&fields)?;
    // Old files have a wrong scheme, or none. The address decides which key is right.
    let right = |pair: &Keypair| stored.is_none_or(|stored| stored == pair.public_key());
    let pair = origin.keypair(scheme)?;
    if right(&pair) {
        return Ok(pair);
    }
    let other = match scheme {
        Scheme::Ed25519 => Scheme::Sr25519,
        Scheme::Sr25519 => Scheme::Ed25519,
    };
    let pair = origin.keypair(other);
    pair.ok().filter(right).ok_or(Flaw::OtherAddress)
}

/// The public key in the content of a file, which may also hold the secret key.
///
/// # Errors
///
/// What is wrong with the content.
pub(super) fn public_key(content: &Secret) -> Result<PublicKey, Flaw> {
    let text = text(content)?;
    if !text.starts_with('{') {
        return Err(Flaw::NoPublicKey);
    }
    stored(&fields(text)?)?.ok_or(Flaw::NoPublicKey)
}

fn text(content: &Secret) -> Result<&str, Flaw> {
    let text = str::from_utf8(content.expose()).map_err(|_| Flaw::NotText)?;
    Ok(text.trim())
}

fn fields(text: &str) -> Result<Fields<'_>, Flaw> {
    let fields = Fields::find(text)?;
    if fields.encoded.is_some() && fields.encoding.is_some() {
        return Err(Flaw::PolkadotJs);
    }
    Ok(fields)
}

/// The content of a file without JSON: digits or words.
fn bare(text: &str) -> Result<Origin, Flaw> {
    if let Ok(origin) = private(text, "") {
        return Ok(origin);
    }
    let words = |text: &str| text.bytes().all(|it| it.is_ascii_lowercase() || it == b' ');
    if text.split_whitespace().count() > 1 && words(text) {
        return Ok(Origin::Phrase(Zeroizing::new(text.to_owned())));
    }
    Err(Flaw::NotAKey)
}

/// The source of the secret key in JSON, from the field that says the most.
fn origin(fields: &Fields<'_>) -> Result<Option<Origin>, Flaw> {
    if let Some(phrase) = fields.secret_phrase {
        return json::string(phrase, "secretPhrase").map(|it| Some(Origin::Phrase(it)));
    }
    if let Some(seed) = fields.secret_seed {
        let name = "secretSeed";
        return match private(&json::string(seed, name)?, name)? {
            Origin::Expanded(_) => Err(Flaw::Field(name)),
            seed => Ok(Some(seed)),
        };
    }
    let Some(key) = fields.private_key else {
        return Ok(None);
    };
    let name = "privateKey";
    private(&json::string(key, name)?, name).map(Some)
}

/// Reads 64 or 128 hexadecimal digits, with or without 0x.
fn private(digits: &str, name: &'static str) -> Result<Origin, Flaw> {
    let digits = digits.strip_prefix("0x").unwrap_or(digits);
    let bytes = Secret::from_hex(digits.as_bytes()).ok_or(Flaw::Field(name))?;
    if let Ok(seed) = <&[u8; 32]>::try_from(bytes.expose()) {
        return Ok(Origin::Seed(Zeroizing::new(*seed)));
    }
    match <&[u8; 64]>::try_from(bytes.expose()) {
        Ok(secret) => Ok(Origin::Expanded(Zeroizing::new(*secret))),
        Err(_) => Err(Flaw::Field(name)),
    }
}

/// The scheme that the file claims; sr25519 if it claims none.
fn scheme(fields: &Fields<'_>) -> Result<Scheme, Flaw> {
    let Some(field) = fields.crypto_type else {
        return Ok(Scheme::Sr25519);
    };
    // Some programs write the number as a string.
    let number = field.get().trim_matches('"').trim();
    match number.parse() {
        Ok(0) => Ok(Scheme::Ed25519),
        Ok(1) => Ok(Scheme::Sr25519),
        Ok(other) => Err(Flaw::UnknownScheme(other)),
        Err(_) => Err(Flaw::Field("cryptoType")),
    }
}

/// The public key that the file names, in one or more fields that must agree.
fn stored(fields: &Fields<'_>) -> Result<Option<PublicKey>, Flaw> {
    let named = [
        (fields.ss58_address, "ss58Address"),
        (fields.spaced_ss58_address, "ss58Address"),
        (fields.public_key, "publicKey"),
        (fields.account_id, "accountId"),
    ];
    let mut key = None;
    for (field, name) in named {
        let Some(field) = field else { continue };
        let read = public(field, name)?;
        if key.is_some_and(|key| key != read) {
            return Err(Flaw::TwoPublicKeys);
        }
        key = Some(read);
    }
    Ok(key)
}

fn public(field: &RawValue, name: &'static str) -> Result<PublicKey, Flaw> {
    let text = json::string(field, name)?;
    text.parse().map_err(|_| Flaw::Field(name))
}

impl Origin {
    fn keypair(&self, scheme: Scheme) -> Result<Keypair, Flaw> {
        match (self, scheme) {
            (Self::Phrase(text), _) => phrase::keypair(text, scheme),
            (Self::Seed(seed), _) => Ok(Keypair::from_seed(scheme, seed)),
            (Self::Expanded(secret), Scheme::Sr25519) => {
                Keypair::from_expanded(secret).ok_or(Flaw::Field("privateKey"))
            }
            (Self::Expanded(secret), Scheme::Ed25519) => {
                let mut seed = Zeroizing::new([0; 32]);
                seed.copy_from_slice(&secret[..32]);
                Ok(Keypair::from_seed(scheme, &seed))
            }
        }
    }
}
