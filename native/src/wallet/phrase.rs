//! BIP39 phrases and derivation paths, as in Substrate.

use bip39::Language;
use blake2::{Blake2b, Digest, digest::consts::U32};
use btpow_registration::Scheme;
use pbkdf2::{Algorithm, Params, pbkdf2_hmac_with_params};
use schnorrkel::{
    ExpansionMode, MiniSecretKey, SecretKey,
    derive::{ChainCode, Derivation},
};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::{Flaw, Keypair};

/// The phrase of Substrate's development accounts, to which a path without a phrase applies.
const DEVELOPMENT: &str = "bottom drive obey lake curtain smoke basket hold race lonely fit walk";

/// The most bytes of entropy in a phrase: 24 words of 11 bits, less 8 bits of checksum.
const MAX_ENTROPY: usize = 32;

/// The rounds of PBKDF2 between entropy and seed.
const ROUNDS: u32 = 2_048;

/// The key of a phrase, which may have a path and a password: `word … word//hard/soft///password`.
///
/// # Errors
///
/// The phrase is wrong, or has a soft step with ed25519, which lacks those.
pub(super) fn keypair(text: &str, scheme: Scheme) -> Result<Keypair, Flaw> {
    let (phrase, rest) = text.split_at(text.find('/').unwrap_or(text.len()));
    let (path, password) = rest.split_once("///").unwrap_or((rest, ""));
    let phrase = match phrase {
        "" if !path.is_empty() => DEVELOPMENT,
        phrase => phrase,
    };
    let seed = seed(phrase, password)?;
    let steps = steps(path)?;
    match scheme {
        Scheme::Ed25519 => {
            let seed = steps
                .iter()
                .try_fold(seed, |seed, step| step.ed25519(&seed))?;
            Ok(Keypair::from_seed(scheme, &seed))
        }
        Scheme::Sr25519 => {
            let seed = MiniSecretKey::from_bytes(&*seed).expect("any 32 bytes are one");
            let secret = seed.expand(ExpansionMode::Ed25519);
            let secret = steps
                .iter()
                .fold(secret, |secret, step| step.sr25519(&secret));
            Ok(Keypair::from_sr25519(&secret))
        }
    }
}

/// The seed of a phrase, derived from its entropy instead of its words, unlike BIP39.
fn seed(phrase: &str, password: &str) -> Result<Zeroizing<[u8; 32]>, Flaw> {
    let (entropy, len) = entropy(phrase)?;
    let salt = Zeroizing::new(["mnemonic", password].concat());
    let params = Params::new(ROUNDS).expect("more than the least");
    let mut seed = Zeroizing::new([0; 64]);
    pbkdf2_hmac_with_params(
        &entropy[..len],
        salt.as_bytes(),
        Algorithm::Pbkdf2Sha512,
        params,
        &mut *seed,
    );
    let mut half = Zeroizing::new([0; 32]);
    half.copy_from_slice(&seed[..32]);
    Ok(half)
}

/// The entropy that the words of a phrase encode, and its length in bytes.
///
/// `bip39` could do this, but leaves copies that are not wiped.
fn entropy(phrase: &str) -> Result<(Zeroizing<[u8; MAX_ENTROPY + 1]>, usize), Flaw> {
    let count = phrase.split_whitespace().count();
    if !matches!(count, 12 | 15 | 18 | 21 | 24) {
        return Err(Flaw::WordCount(count));
    }
    // 11 bits each, highest first; 32 of 33 bits are entropy, the rest is checksum.
    let mut bits = Zeroizing::new([0; MAX_ENTROPY + 1]);
    for (place, word) in phrase.split_whitespace().enumerate() {
        let index = Language::English
            .find_word(word)
            .ok_or(Flaw::UnknownWord(place + 1))?;
        for bit in (0..11).filter(|bit| index >> (10 - bit) & 1 == 1) {
            let bit = 11 * place + bit;
            bits[bit / 8] |= 0x80 >> (bit % 8);
        }
    }
    let len = count / 3 * 4;
    let mask = 0xff << (8 - count / 3);
    let digest = Sha256::digest(&bits[..len]);
    if bits[len] != digest[0] & mask {
        return Err(Flaw::WordChecksum);
    }
    Ok((bits, len))
}

/// A step of a derivation path.
struct Step {
    /// Whether the child's public key cannot be derived from the parent's.
    hard: bool,
    code: [u8; 32],
}

/// The steps of a path like `//hard/soft`.
fn steps(mut path: &str) -> Result<Vec<Step>, Flaw> {
    let mut steps = Vec::new();
    while let Some(rest) = path.strip_prefix('/') {
        let (hard, rest) = match rest.strip_prefix('/') {
            Some(rest) => (true, rest),
            None => (false, rest),
        };
        let (name, rest) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        if name.is_empty() {
            return Err(Flaw::DerivationPath);
        }
        steps.push(Step {
            hard,
            code: code(name),
        });
        path = rest;
    }
    Ok(steps)
}

/// The 32 bytes of a step's name: its SCALE encoding, hashed if that is longer.
fn code(name: &str) -> [u8; 32] {
    let mut encoded = Vec::new();
    match name.parse::<u64>() {
        Ok(number) => encoded.extend(number.to_le_bytes()),
        Err(_) => {
            // A length below 64 takes one byte. Of a longer name only the hash is kept, and no
            // wallet can have a file long enough for the third form.
            match u8::try_from(name.len()) {
                Ok(len @ 0..64) => encoded.push(len << 2),
                _ => {
                    let len = u32::try_from(name.len()).unwrap_or(u32::MAX) << 2;
                    let form: u32 = if len < 1 << 16 { 1 } else { 2 };
                    let bytes = (len | form).to_le_bytes();
                    encoded.extend(&bytes[..if form == 1 { 2 } else { 4 }]);
                }
            }
            encoded.extend(name.as_bytes());
        }
    }
    let mut code = [0; 32];
    match code.get_mut(..encoded.len()) {
        Some(place) => place.copy_from_slice(&encoded),
        None => code = Blake2b::<U32>::digest(&encoded).into(),
    }
    code
}

impl Step {
    fn sr25519(&self, secret: &SecretKey) -> SecretKey {
        let code = ChainCode(self.code);
        if self.hard {
            let (seed, _) = secret.hard_derive_mini_secret_key(Some(code), b"");
            seed.expand(ExpansionMode::Ed25519)
        } else {
            secret.derived_key_simple(code, b"").0
        }
    }

    fn ed25519(&self, seed: &[u8; 32]) -> Result<Zeroizing<[u8; 32]>, Flaw> {
        if !self.hard {
            return Err(Flaw::SoftStep);
        }
        let digest = Blake2b::<U32>::new()
            .chain_update([11 << 2]) // the length of what follows, in SCALE
            .chain_update(b"Ed25519HDKD")
            .chain_update(seed)
            .chain_update(self.code)
            .finalize();
        Ok(Zeroizing::new(digest.into()))
    }
}
