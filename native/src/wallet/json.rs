//! Reads JSON without making copies of it.
//!
//! `serde_json` collects strings in buffers that it does not wipe. So here it only finds the fields, as slices
//! of the text, and this module reads their values.

use serde::Deserialize;
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use super::Flaw;

/// The fields of a key file, as slices of its text. Other fields are ignored.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Fields<'a> {
    #[serde(borrow)]
    pub(super) account_id: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) crypto_type: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) encoded: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) encoding: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) private_key: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) public_key: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) secret_phrase: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) secret_seed: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) ss58_address: Option<&'a RawValue>,
    /// The name of the address in some old wallets.
    #[serde(borrow, rename = " ss58Address")]
    pub(super) spaced_ss58_address: Option<&'a RawValue>,
}

impl<'a> Fields<'a> {
    /// Finds the fields of a JSON object.
    ///
    /// # Errors
    ///
    /// It is not an object, or has a field twice. The parser's own message would quote the text.
    pub(super) fn find(text: &'a str) -> Result<Self, Flaw> {
        serde_json::from_str(text).map_err(|error| Flaw::Json {
            line: error.line(),
            column: error.column(),
        })
    }
}

/// The string that a field holds, with its escapes resolved.
///
/// # Errors
///
/// [`Flaw::Field`] with `name` when it is not a string.
pub(super) fn string(field: &RawValue, name: &'static str) -> Result<Zeroizing<String>, Flaw> {
    let inner = field
        .get()
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'))
        .ok_or(Flaw::Field(name))?;
    // No escape is shorter than its character, so this never grows and leaves no copy behind.
    let mut text = Zeroizing::new(String::with_capacity(inner.len()));
    let mut characters = inner.chars();
    while let Some(character) = characters.next() {
        text.push(match character {
            '\\' => unescaped(&mut characters).ok_or(Flaw::Field(name))?,
            plain => plain,
        });
    }
    Ok(text)
}

/// The character of the escape after a backslash; none for halves of surrogate pairs, which no key has.
fn unescaped(characters: &mut core::str::Chars<'_>) -> Option<char> {
    Some(match characters.next()? {
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'u' => {
            let mut code = 0;
            for _ in 0..4 {
                code = code << 4 | characters.next()?.to_digit(16)?;
            }
            char::from_u32(code)?
        }
        plain => plain,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_what_serde_json_reads() {
        for text in [
            r#""""#,
            r#""a phrase""#,
            r#""a\/b\\c\"d""#,
            r#""\b\f\n\r\t\u00e9é""#,
        ] {
            let field: &RawValue = serde_json::from_str(text).expect("JSON");
            let read: String = serde_json::from_str(text).expect("a string");
            assert_eq!(*string(field, "field").expect("a string"), read);
        }
        for text in ["1", "{}", "true", r#"["a"]"#, r#""\ud83d\ude00""#] {
            let field: &RawValue = serde_json::from_str(text).expect("JSON");
            assert_eq!(string(field, "field"), Err(Flaw::Field("field")));
        }
    }

    #[test]
    fn null_is_as_good_as_absent() {
        let fields = Fields::find(r#"{"secretPhrase":null,"other":[1,{}]}"#).expect("JSON");
        assert!(fields.secret_phrase.is_none());
    }

    #[test]
    fn a_repeated_field_is_refused() {
        let text = r#"{"secretSeed":"0x00","secretSeed":"0x11"}"#;
        assert!(matches!(Fields::find(text), Err(Flaw::Json { .. })));
    }
}
