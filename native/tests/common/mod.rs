//! What the tests of the program share.

#![expect(
    dead_code,
    reason = "each test file is a crate of its own and uses some of this"
)]

pub(crate) mod dashboard;
pub(crate) mod markdown;
pub(crate) mod schema;

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use btpow_core::Isa;
use serde_json::Value;

/// The development account `//Alice`, as an address.
pub(crate) const ALICE: &str = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY";

/// The development account `//Bob`, as a key.
pub(crate) const BOB: &str = "0x8eaf04151687736326c9fea17e25fc5287613693c912909cb226aa4794f26a48";

/// Bob as an address.
pub(crate) const BOB_ADDRESS: &str = "5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty";

/// The hash of some block.
pub(crate) const BLOCK: &str = "0x2f0d4e4fb61ae3a2f3a1c5c9fa4ea7ce9b1b0d9c6f9b3b6a3d1e0f5a7c8d9e01";

/// The flags of a challenge for each protocol and order.
pub(crate) const CHALLENGES: [&str; 3] = [
    "--netuid 7 --block-hash {BLOCK} --hotkey {BOB} --coldkey {ALICE}",
    "--protocol legacy --order big --block-hash {BLOCK} --hotkey {BOB}",
    "--protocol legacy --order little --block-hash {BLOCK} --hotkey {ALICE}",
];

/// The program with these arguments, split at spaces, with `{BLOCK}`, `{ALICE}` and `{BOB}` filled
/// in, in an empty environment. The settings of whoever runs the tests do not count.
pub(crate) fn btpow(arguments: &str) -> Command {
    let mut command = Command::new(program());
    let nowhere = path_of_program(Path::new("/no/such/folder"));
    command
        .env_clear()
        .env("XDG_CONFIG_HOME", &nowhere)
        .env("APPDATA", nowhere)
        .args(filled(arguments).split_whitespace());
    command
}

/// Cargo's program, or that of another system, which `BTPOW_TEST_PROGRAM` starts (`cargo xtask test windows`).
fn program() -> PathBuf {
    foreign().unwrap_or_else(|| env!("CARGO_BIN_EXE_btpow").into())
}

/// Whether the program under test is one for Windows, wherever it runs.
pub(crate) fn is_for_windows() -> bool {
    program().extension().is_some_and(|it| it == "exe")
}

/// A path of this machine as the program under test reads it: in Wine, this machine's files are on the drive Z.
pub(crate) fn path_of_program(path: &Path) -> String {
    let path = path.display().to_string();
    if cfg!(unix) && is_for_windows() {
        format!("Z:{}", path.replace('/', "\\"))
    } else {
        path
    }
}

fn foreign() -> Option<PathBuf> {
    env::var_os("BTPOW_TEST_PROGRAM").map(Into::into)
}

/// Gives a program the cards of the emulated driver of `kernels/tests`.
#[cfg(target_os = "linux")]
pub(crate) fn add_cards(command: &mut Command) {
    use std::sync::LazyLock;

    static DRIVER: LazyLock<&Path> = LazyLock::new(|| {
        let folder = Path::new(concat!(env!("CARGO_TARGET_TMPDIR"), "/emulated-driver"));
        btpow_conformance::emulated::driver(folder, &[]);
        folder
    });
    command
        .env("LD_LIBRARY_PATH", *DRIVER)
        .env("XDG_CACHE_HOME", *DRIVER);
}

fn filled(text: &str) -> String {
    let text = text.replace("{BLOCK}", BLOCK);
    text.replace("{ALICE}", ALICE).replace("{BOB}", BOB)
}

/// Runs the program to its end.
pub(crate) fn run(arguments: &str) -> Output {
    btpow(arguments).output().expect("the program starts")
}

/// The exit code, standard output and standard error.
pub(crate) fn told(output: &Output) -> (Option<i32>, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
    (
        output.status.code(),
        text(&output.stdout),
        text(&output.stderr),
    )
}

/// The one JSON object on standard output.
pub(crate) fn object(stdout: &[u8]) -> Value {
    let text = core::str::from_utf8(stdout).expect("UTF-8");
    assert!(text.ends_with("}\n"), "no object on a line: {text:?}");
    assert_eq!(text.lines().count(), 1, "more than one line: {text:?}");
    let value: Value = serde_json::from_str(text).expect("JSON");
    assert!(value.is_object(), "{text:?}");
    value
}

/// The names of an object's fields, in their order.
pub(crate) fn fields(text: &str, of: &Value) -> Vec<String> {
    let object = of.as_object().expect("an object");
    let place = |name: &String| text.find(&format!("\"{name}\":")).expect("written");
    let mut names: Vec<String> = object.keys().cloned().collect();
    names.sort_by_key(place);
    names
}

/// The entries of a file of known answers; fails when there are none.
pub(crate) fn vectors(file: &str) -> Vec<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../tests/vectors")
        .join(file);
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
    let vectors: Vec<Value> = serde_json::from_str(&text).expect("an array");
    assert!(
        vectors.len() >= 15,
        "{file}: only {} entries",
        vectors.len()
    );
    vectors
}

/// A text in a known answer.
pub(crate) fn text<'a>(vector: &'a Value, field: &str) -> &'a str {
    vector[field]
        .as_str()
        .unwrap_or_else(|| panic!("{field} in {vector}"))
}

/// The names of the instruction sets of this processor, or of the emulated one, which only the program can know.
pub(crate) fn isas() -> Vec<String> {
    if foreign().is_none() {
        return Isa::available().map(|isa| isa.name().to_owned()).collect();
    }
    let listed = object(&run("devices --json").stdout);
    let all = listed["isas"].as_array().expect("an array").iter();
    let available = all.filter(|isa| isa["available"] == true);
    available.map(|isa| text(isa, "name").to_owned()).collect()
}
