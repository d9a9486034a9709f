//! An endpoint's description of its runtime, as far as it is compared with what is compiled in: the
//! pallet of the calls, the calls, and the transaction extensions.
//!
//! Metadata is not trusted. So the program and the page read it by the same code, here, in one pass and
//! in place: time and memory grow with its size alone, nothing recurses
//! without a limit, and nothing that it says makes a byte that is signed.
//!
//! The formats are 14 and 15, as `frame-metadata` defines them; the tests hold this reader against it.

mod reader;
mod types;

use alloc::vec::Vec;
use core::{error, fmt};

use self::reader::{End, Reader};
pub use self::types::{Field, Fields, Shape, Types, Variant};
use crate::call::{PALLET, PALLET_NUMBER};

/// The most bytes of metadata that are read: six times finney's.
pub const MAX_METADATA: usize = 4 << 20;

/// The most extensions that are read: five times finney's.
const MAX_EXTENSIONS: usize = 64;

/// "meta", low byte first.
const MAGIC: u32 = 0x6174_656d;

/// Metadata, read as far as is needed. `'a` are its bytes.
#[derive(Clone, Debug)]
pub struct Metadata<'a> {
    types: Types<'a>,
    pallet: Option<Pallet>,
    extrinsic_version: u8,
    extensions: Vec<Extension<'a>>,
}

/// The pallet of the calls.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Pallet {
    /// Its number.
    pub number: u8,
    /// The type whose variants are its calls.
    pub calls: Option<u32>,
}

/// A transaction extension as metadata describes it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Extension<'a> {
    /// Its name.
    pub name: &'a str,
    /// The type of what an extrinsic carries of it.
    pub extra: u32,
    /// The type of what a signature covers of it besides.
    pub implicit: u32,
}

/// Why metadata cannot be read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum MetadataError {
    /// It does not begin like metadata.
    NotMetadata,
    /// A format that this crate does not read.
    UnknownFormat(u8),
    /// More bytes than [`MAX_METADATA`], or more extensions than are looked at.
    TooLarge,
    /// It ends early, or breaks its format.
    Malformed {
        /// Where, in bytes from its beginning.
        at: usize,
    },
    /// Two pallets have the name or the number of the wanted one.
    TwoPallets,
}

impl<'a> Metadata<'a> {
    /// Reads metadata. It begins with "meta".
    ///
    /// # Errors
    ///
    /// [`MetadataError`].
    pub fn read(bytes: &'a [u8]) -> Result<Self, MetadataError> {
        if bytes.len() > MAX_METADATA {
            return Err(MetadataError::TooLarge);
        }
        let mut reader = Reader::new(bytes);
        if reader.u32() != Ok(MAGIC) {
            return Err(MetadataError::NotMetadata);
        }
        let format = reader.u8()?;
        if !matches!(format, 14 | 15) {
            return Err(MetadataError::UnknownFormat(format));
        }
        let types = Types::read(&mut reader)?;
        let mut pallet = None;
        for _ in 0..reader.compact()? {
            let (name, found) = read_pallet(&mut reader, format)?;
            if name == PALLET || found.number == PALLET_NUMBER {
                if pallet.is_some() {
                    return Err(MetadataError::TwoPallets);
                }
                pallet = Some((name, found));
            }
        }
        let extrinsic_version = read_extrinsic(&mut reader, format)?;
        let count = reader.compact()? as usize;
        if count > MAX_EXTENSIONS {
            return Err(MetadataError::TooLarge);
        }
        let extensions = (0..count).map(|_| {
            Ok(Extension {
                name: reader.text()?,
                extra: reader.compact()?,
                implicit: reader.compact()?,
            })
        });
        let extensions = extensions.collect::<Result<_, MetadataError>>()?;
        Ok(Self {
            types,
            // Another pallet may well have the number on another kind of chain.
            pallet: pallet.filter(|(name, _)| *name == PALLET).map(|it| it.1),
            extrinsic_version,
            extensions,
        })
    }

    /// The pallet [`PALLET`], if there is one.
    pub const fn pallet(&self) -> Option<Pallet> {
        self.pallet
    }

    /// The format of extrinsics.
    pub const fn extrinsic_version(&self) -> u8 {
        self.extrinsic_version
    }

    /// The transaction extensions, in their order.
    pub fn extensions(&self) -> &[Extension<'a>] {
        &self.extensions
    }

    /// The types that all of these are of.
    pub const fn types(&self) -> &Types<'a> {
        &self.types
    }
}

/// Reads a pallet: its name, and what else is needed.
fn read_pallet<'a>(reader: &mut Reader<'a>, format: u8) -> Result<(&'a str, Pallet), End> {
    let name = reader.text()?;
    if reader.option()? {
        reader.text()?; // the prefix of its storage
        for _ in 0..reader.compact()? {
            skip_entry(reader)?;
        }
    }
    let type_of = |reader: &mut Reader<'a>| -> Result<Option<u32>, End> {
        let there = reader.option()?;
        there.then(|| reader.compact()).transpose()
    };
    let calls = type_of(reader)?;
    type_of(reader)?; // events
    for _ in 0..reader.compact()? {
        reader.text()?; // a constant's name
        reader.compact()?; // its type
        reader.bytes()?; // its value
        reader.lines()?; // its documentation
    }
    type_of(reader)?; // errors
    let number = reader.u8()?;
    if format > 14 {
        reader.lines()?; // its documentation
    }
    Ok((name, Pallet { number, calls }))
}

/// Passes over an entry of storage.
fn skip_entry(reader: &mut Reader<'_>) -> Result<(), End> {
    reader.text()?; // its name
    reader.u8()?; // whether it has a value where none is set
    match reader.u8()? {
        0 => drop(reader.compact()?), // the type of a plain value
        1 => {
            reader.bytes()?; // a map's hashers, a byte each
            reader.compact()?; // the type of its keys
            reader.compact()?; // the type of its values
        }
        _ => return Err(reader.end()),
    }
    reader.bytes()?; // its default
    reader.lines() // its documentation
}

/// Reads the part about extrinsics, up to the extensions: their version.
fn read_extrinsic(reader: &mut Reader<'_>, format: u8) -> Result<u8, End> {
    if format == 14 {
        reader.compact()?; // the type of an extrinsic
        return reader.u8();
    }
    let version = reader.u8()?;
    // The types of an address, of calls, of a signature, and of what an extrinsic carries.
    for _ in 0..4 {
        reader.compact()?;
    }
    Ok(version)
}

impl From<End> for MetadataError {
    fn from(End { at }: End) -> Self {
        Self::Malformed { at }
    }
}

impl fmt::Display for MetadataError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotMetadata => f.write_str("it does not begin as metadata does"),
            Self::UnknownFormat(version) => {
                write!(f, "it has format {version}, and btpow reads 14 and 15")
            }
            Self::TooLarge => write!(f, "it is larger than any real one"),
            Self::Malformed { at } => write!(f, "it is damaged at byte {at}"),
            Self::TwoPallets => write!(f, "two of its pallets claim to be {PALLET}"),
        }
    }
}

impl error::Error for MetadataError {}
