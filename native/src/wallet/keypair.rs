//! Keys that sign: sr25519 and ed25519.

use core::fmt;

use btpow_core::PublicKey;
use btpow_registration::{Payload, Scheme, Signature};
use ed25519_dalek::{Signer, SigningKey};
use schnorrkel::{ExpansionMode, MiniSecretKey, SecretKey};
use zeroize::Zeroizing;

use super::secret::Secret;

/// The context that Substrate puts before each message that an sr25519 key signs.
const CONTEXT: &[u8] = b"substrate";

/// A secret key with its public key. It signs payloads and nothing else. Nobody can take the secret out; it is
/// never printed, stays out of swap, and is wiped when it is dropped.
pub struct Keypair {
    scheme: Scheme,
    public: PublicKey,
    /// A seed for ed25519, an expanded secret for sr25519. It is kept as bytes, since the libraries place their
    /// own key types where they like. Those are made anew for each signature and live no longer.
    secret: Secret,
}

impl Keypair {
    /// The key that Substrate derives from a 32-byte seed.
    pub(super) fn from_seed(scheme: Scheme, seed: &[u8; 32]) -> Self {
        match scheme {
            Scheme::Ed25519 => Self {
                scheme,
                public: PublicKey(SigningKey::from_bytes(seed).verifying_key().to_bytes()),
                secret: Secret::from(&seed[..]),
            },
            Scheme::Sr25519 => {
                let seed = MiniSecretKey::from_bytes(seed).expect("any 32 bytes are one");
                Self::from_sr25519(&seed.expand(ExpansionMode::Ed25519))
            }
        }
    }

    /// The key of an expanded sr25519 secret of 64 bytes; none when its scalar is not canonical.
    pub(super) fn from_expanded(secret: &[u8; 64]) -> Option<Self> {
        let secret = SecretKey::from_bytes(secret).ok()?;
        Some(Self::from_sr25519(&secret))
    }

    /// The key of an sr25519 secret.
    pub(super) fn from_sr25519(secret: &SecretKey) -> Self {
        Self {
            scheme: Scheme::Sr25519,
            public: PublicKey(secret.to_public().to_bytes()),
            secret: Secret::from(&Zeroizing::new(secret.to_bytes())[..]),
        }
    }

    /// The public key, which the chain knows.
    pub const fn public_key(&self) -> PublicKey {
        self.public
    }

    /// The signature scheme.
    pub const fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// Signs a payload as Substrate does. With sr25519 each signature differs, since it uses randomness.
    ///
    /// # Panics
    ///
    /// If the system has no randomness and the scheme is sr25519.
    pub fn sign(&self, payload: &Payload) -> Signature {
        Signature {
            scheme: self.scheme,
            bytes: self.sign_bytes(&payload.message()),
        }
    }

    fn sign_bytes(&self, message: &[u8]) -> [u8; 64] {
        let secret = self.secret.expose();
        match self.scheme {
            Scheme::Ed25519 => {
                let seed = secret.try_into().expect("a seed has 32 bytes");
                SigningKey::from_bytes(seed).sign(message).to_bytes()
            }
            Scheme::Sr25519 => {
                let key = SecretKey::from_bytes(secret).expect("it was one when it was kept");
                let public = key.to_public();
                key.sign_simple(CONTEXT, message, &public).to_bytes()
            }
        }
    }
}

impl fmt::Debug for Keypair {
    /// Shows the scheme and the public key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keypair({} {})", self.scheme, self.public)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes<const N: usize>(hex: &str) -> [u8; N] {
        let bytes = Secret::from_hex(hex.as_bytes()).expect("hexadecimal");
        bytes.expose().try_into().expect("as long")
    }

    /// RFC 8032, section 7.1, tests 1 to 3: secret, public, message, signature.
    #[test]
    fn ed25519_signs_as_its_rfc_says() {
        for (seed, public, message, signature) in [
            (
                "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
                "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
                "",
                "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
            ),
            (
                "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
                "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
                "72",
                "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
            ),
            (
                "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
                "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
                "af82",
                "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
            ),
        ] {
            let key = Keypair::from_seed(Scheme::Ed25519, &bytes(seed));
            assert_eq!(key.public_key(), PublicKey(bytes(public)));
            assert_eq!(key.scheme(), Scheme::Ed25519);
            let message = Secret::from_hex(message.as_bytes()).expect("hexadecimal");
            assert_eq!(key.sign_bytes(message.expose()), bytes(signature));
        }
    }

    #[test]
    fn sr25519_signatures_verify_in_the_context_of_substrate_alone() {
        let key = Keypair::from_seed(Scheme::Sr25519, &[7; 32]);
        let public = schnorrkel::PublicKey::from_bytes(&key.public_key().0).expect("a key");
        let signature =
            schnorrkel::Signature::from_bytes(&key.sign_bytes(b"message")).expect("a signature");
        let verified = |context, message| public.verify_simple(context, message, &signature);
        assert!(verified(b"substrate", b"message").is_ok());
        assert!(verified(b"substrate", b"massage").is_err());
        assert!(verified(b"polkadot", b"message").is_err());
    }

    #[test]
    fn an_expanded_secret_is_checked() {
        assert!(Keypair::from_expanded(&[0xff; 64]).is_none());
    }
}
