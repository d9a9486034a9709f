//! The accounts that hold TAO on every test chain.

/// A key pair of Substrate's development phrase: everybody knows its secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Account {
    /// The secret, as a URI that wallets of this world understand.
    pub uri: &'static str,
    /// The sr25519 public key.
    pub public: [u8; 32],
    /// The same as an address.
    pub ss58: &'static str,
}

/// `//Alice`.
pub const ALICE: Account = Account {
    uri: "//Alice",
    public: bytes("d43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d"),
    ss58: "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY",
};
/// `//Bob`.
pub const BOB: Account = Account {
    uri: "//Bob",
    public: bytes("8eaf04151687736326c9fea17e25fc5287613693c912909cb226aa4794f26a48"),
    ss58: "5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty",
};
/// `//Charlie`.
pub const CHARLIE: Account = Account {
    uri: "//Charlie",
    public: bytes("90b5ab205c6974c9ea841be688864633dc9ca8a357843eeacf2314649965fe22"),
    ss58: "5FLSigC9HGRKVhB9FiEo4Y3koPsNmBmLJbpXg2mp1hXcS59Y",
};
/// `//Dave`.
pub const DAVE: Account = Account {
    uri: "//Dave",
    public: bytes("306721211d5404bd9da88e0204360a1a9ab8b87c66c1bc2fcdd37f3c2222cc20"),
    ss58: "5DAAnrj7VHTznn2AWBemMuyBwZWs6FNFjdyVXUeYum3PTXFy",
};
/// `//Eve`.
pub const EVE: Account = Account {
    uri: "//Eve",
    public: bytes("e659a7a1628cdd93febc04a4e0646ea20e9f5f0ce097d9a05290d4a9e054df4e"),
    ss58: "5HGjWAeFDfFCWPsjFQdVV2Msvz2XtMktvgocEZcCj68kUMaw",
};
/// `//Ferdie`, which has the only UID of subnet 4 and owns itself: a hotkey that nobody else may use.
pub const FERDIE: Account = Account {
    uri: "//Ferdie",
    public: bytes("1cbd2d43530a44705ad088af313e18f80b53ef16b36177cd4b77b846f2a5f07c"),
    ss58: "5CiPPseXPECbkjWCa6MnjNokrgYjMqmKndv2rSnekmSK2DjL",
};

/// All of them.
pub const ACCOUNTS: [Account; 6] = [ALICE, BOB, CHARLIE, DAVE, EVE, FERDIE];

/// 32 bytes from 64 lower-case hexadecimal digits.
const fn bytes(hex: &str) -> [u8; 32] {
    const fn digit(character: u8) -> u8 {
        match character {
            b'0'..=b'9' => character - b'0',
            b'a'..=b'f' => character - b'a' + 10,
            _ => panic!("not a hexadecimal digit"),
        }
    }
    let hex = hex.as_bytes();
    assert!(hex.len() == 64);
    let mut bytes = [0; 32];
    let mut i = 0;
    while i < 32 {
        bytes[i] = digit(hex[2 * i]) << 4 | digit(hex[2 * i + 1]);
        i += 1;
    }
    bytes
}
