//! The types in metadata, and whether a type has the expected bytes.

use alloc::vec::Vec;

use super::reader::{End, Reader};

/// How many types are looked at to answer one question. Real answers need a handful.
const MAX_STEPS: u32 = 32;

/// The most types: a hundred times those of finney.
const MAX_TYPES: u32 = 1 << 16;

/// The most parts of a type's name, parameters and fields. Real types have less than a tenth of these. Without such limits one long type, asked about often enough, would take minutes.
const MAX_PARTS: u32 = 64;
const MAX_PARAMETERS: u32 = 64;
const MAX_FIELDS: u32 = 128;

/// Variants of an era: one that never ends, and one for each first byte of those that do.
const ERAS: u32 = 256;

/// Which bytes the values of a type have. A type that wraps another one, as `NetUid(u16)` does, is
/// what it wraps.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Shape {
    /// None at all.
    Nothing,
    /// `u8`.
    U8,
    /// `u16`.
    U16,
    /// `u32`.
    U32,
    /// `u64`.
    U64,
    /// A compact `u32`.
    CompactU32,
    /// A compact `u64`.
    CompactU64,
    /// `Vec<u8>`.
    Bytes,
    /// `[u8; 32]`.
    Bytes32,
    /// A type called `AccountId32` around `[u8; 32]`.
    Account,
    /// An era: one byte of 0, or two bytes.
    Era,
    /// One byte: 0 for `Disabled`, 1 for `Enabled`.
    Mode,
    /// `Option<[u8; 32]>`.
    MaybeBytes32,
}

/// All types of a runtime, by their numbers. They have been read over once, so none of them ends early.
#[derive(Clone, Debug)]
pub struct Types<'a> {
    bytes: &'a [u8],
    /// Where each begins.
    places: Vec<u32>,
}

/// A variant of a type: a call, for instance.
#[derive(Clone, Copy, Debug)]
pub struct Variant<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its number.
    pub number: u8,
    /// Its fields: the arguments of a call.
    pub fields: Fields<'a>,
}

/// The fields of a type or of a variant, in their order.
#[derive(Clone, Copy, Debug)]
pub struct Fields<'a> {
    reader: Reader<'a>,
    left: u32,
}

/// A field.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Field<'a> {
    /// Its name, where it has one.
    pub name: Option<&'a str>,
    /// The number of its type.
    pub ty: u32,
}

/// What a type is made of. The numbers are those of types.
enum Definition<'a> {
    Composite(Fields<'a>),
    Variant(Variants<'a>),
    Sequence(u32),
    Array { len: u32, of: u32 },
    Tuple(Numbers<'a>),
    Primitive(u8),
    Compact(u32),
    Bits,
}

/// The variants of a type, in their order.
#[derive(Clone, Copy)]
struct Variants<'a> {
    reader: Reader<'a>,
    left: u32,
}

/// Numbers of types.
struct Numbers<'a> {
    reader: Reader<'a>,
    left: u32,
}

impl<'a> Types<'a> {
    /// Reads all types of a runtime; the reader is then past them.
    pub(super) fn read(reader: &mut Reader<'a>) -> Result<Self, End> {
        let count = reader.count(MAX_TYPES)?;
        let mut places = Vec::new();
        for number in 0..count {
            let end = reader.end();
            // They are numbered in their order, and found by it.
            if reader.compact()? != number {
                return Err(end);
            }
            places.push(u32::try_from(reader.place()).map_err(|_| end)?);
            read_name(reader)?;
            skip_parameters(reader)?;
            skip_definition(reader)?;
            reader.lines()?; // its documentation
        }
        let bytes = reader.all();
        Ok(Self { bytes, places })
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.places.len()
    }

    /// Whether the values of the type with this number have these bytes. A type that contains itself never
    /// does.
    pub fn is(&self, number: u32, shape: Shape) -> bool {
        let mut steps = MAX_STEPS;
        self.answer(number, shape, &mut steps).unwrap_or(false)
    }

    /// The variants of the type with this number that have this name.
    pub fn variants_named<'b>(
        &self,
        number: u32,
        name: &'b str,
    ) -> impl Iterator<Item = Variant<'a>> + use<'a, 'b> {
        let variants = match self.get(number) {
            Some((_, Definition::Variant(variants))) => Some(variants),
            _ => None,
        };
        let variants = variants.into_iter().flatten();
        variants.filter(move |variant| variant.name == name)
    }

    /// The last part of a type's name, and what it is made of.
    fn get(&self, number: u32) -> Option<(&'a str, Definition<'a>)> {
        let place = *self.places.get(number as usize)?;
        let mut reader = Reader::from(self.bytes, place as usize);
        let name = read_name(&mut reader).ok()?;
        skip_parameters(&mut reader).ok()?;
        Some((name, read_definition(&mut reader).ok()?))
    }

    /// As [`is`](Self::is); nothing when that takes too many steps.
    fn answer(&self, number: u32, shape: Shape, steps: &mut u32) -> Option<bool> {
        // Types that refer to each other in a circle end here.
        *steps = steps.checked_sub(1)?;
        let (name, definition) = self.get(number)?;
        let mut is = |number, shape| self.answer(number, shape, steps);
        let mut all_nothing = |types: &mut dyn Iterator<Item = u32>| {
            for ty in types {
                if !is(ty, Shape::Nothing)? {
                    return Some(false);
                }
            }
            Some(true)
        };
        Some(match (definition, shape) {
            (Definition::Primitive(number), shape) => primitive(shape) == Some(number),
            (Definition::Sequence(of), Shape::Bytes) => is(of, Shape::U8)?,
            (Definition::Array { len: 32, of }, Shape::Bytes32) => is(of, Shape::U8)?,
            (Definition::Compact(of), Shape::CompactU32) => is(of, Shape::U32)?,
            (Definition::Compact(of), Shape::CompactU64) => is(of, Shape::U64)?,
            (Definition::Tuple(mut types), Shape::Nothing) => all_nothing(&mut types)?,
            (Definition::Composite(fields), Shape::Nothing) => {
                all_nothing(&mut fields.map(|field| field.ty))?
            }
            (Definition::Composite(mut fields), shape) => match (fields.next(), fields.next()) {
                (Some(only), None) if shape == Shape::Account => {
                    name == "AccountId32" && is(only.ty, Shape::Bytes32)?
                }
                (Some(only), None) => is(only.ty, shape)?,
                _ => false,
            },
            (Definition::Variant(variants), Shape::Era) => {
                let (mut place, mut second_byte) = (0, None);
                for variant in variants {
                    let fits = match variant.only()? {
                        None => place == 0 && variant.name == "Immortal",
                        Some(Field { ty, .. }) => {
                            let number = variant.name.strip_prefix("Mortal");
                            let number = number.and_then(|number| number.parse::<u32>().ok());
                            place > 0
                                && number == Some(place)
                                && *second_byte.get_or_insert(ty) == ty
                        }
                    };
                    if !fits || u32::from(variant.number) != place {
                        return Some(false);
                    }
                    place += 1;
                }
                place == ERAS && is(second_byte?, Shape::U8)?
            }
            (Definition::Variant(variants), Shape::Mode) => {
                let told = variants.map(|it| (it.name, it.number, it.fields.count()));
                told.eq([("Disabled", 0, 0), ("Enabled", 1, 0)])
            }
            (Definition::Variant(mut variants), Shape::MaybeBytes32) => {
                let (Some(none), Some(some), None) =
                    (variants.next(), variants.next(), variants.next())
                else {
                    return Some(false);
                };
                let named = (none.name, none.number, some.name, some.number);
                let (nothing, hash) = (none.only()?, some.only()?);
                named == ("None", 0, "Some", 1)
                    && nothing.is_none()
                    && hash.map_or(Some(false), |field| is(field.ty, Shape::Bytes32))?
            }
            _ => false,
        })
    }
}

impl<'a> Variant<'a> {
    /// Its only field, or that it has none; nothing where there are several.
    fn only(&self) -> Option<Option<Field<'a>>> {
        let mut fields = self.fields;
        let first = fields.next();
        fields.next().is_none().then_some(first)
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Field<'a>;

    fn next(&mut self) -> Option<Field<'a>> {
        self.left = self.left.checked_sub(1)?;
        read_field(&mut self.reader).ok()
    }
}

impl<'a> Iterator for Variants<'a> {
    type Item = Variant<'a>;

    fn next(&mut self) -> Option<Variant<'a>> {
        self.left = self.left.checked_sub(1)?;
        read_variant(&mut self.reader).ok()
    }
}

impl Iterator for Numbers<'_> {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        self.left = self.left.checked_sub(1)?;
        self.reader.compact().ok()
    }
}

/// The number that a primitive type has in metadata.
const fn primitive(shape: Shape) -> Option<u8> {
    match shape {
        Shape::U8 => Some(3),
        Shape::U16 => Some(4),
        Shape::U32 => Some(5),
        Shape::U64 => Some(6),
        _ => None,
    }
}

/// The last part of a type's name: `Era` of `sp_runtime::generic::era::Era`.
fn read_name<'a>(reader: &mut Reader<'a>) -> Result<&'a str, End> {
    let mut name = "";
    for _ in 0..reader.count(MAX_PARTS)? {
        name = reader.text()?;
    }
    Ok(name)
}

/// Skips the parameters of a type.
fn skip_parameters(reader: &mut Reader<'_>) -> Result<(), End> {
    for _ in 0..reader.count(MAX_PARAMETERS)? {
        reader.bytes()?;
        if reader.option()? {
            reader.compact()?;
        }
    }
    Ok(())
}

/// What a type is made of. The reader stops before its parts.
fn read_definition<'a>(reader: &mut Reader<'a>) -> Result<Definition<'a>, End> {
    let end = reader.end();
    Ok(match reader.u8()? {
        0 => Definition::Composite(read_fields(reader)?),
        1 => {
            let left = reader.compact()?;
            let reader = *reader;
            Definition::Variant(Variants { reader, left })
        }
        2 => Definition::Sequence(reader.compact()?),
        3 => Definition::Array {
            len: reader.u32()?,
            of: reader.compact()?,
        },
        4 => {
            let left = reader.compact()?;
            let reader = *reader;
            Definition::Tuple(Numbers { reader, left })
        }
        5 => Definition::Primitive(reader.u8()?),
        6 => Definition::Compact(reader.compact()?),
        7 => {
            reader.compact()?; // what the bits are stored in
            reader.compact()?; // their order
            Definition::Bits
        }
        _ => return Err(end),
    })
}

fn skip_definition(reader: &mut Reader<'_>) -> Result<(), End> {
    match read_definition(reader)? {
        Definition::Composite(fields) => {
            for _ in 0..fields.left {
                read_field(reader)?;
            }
        }
        Definition::Variant(variants) => {
            for _ in 0..variants.left {
                read_variant(reader)?;
            }
        }
        Definition::Tuple(types) => {
            for _ in 0..types.left {
                reader.compact()?;
            }
        }
        Definition::Sequence(_)
        | Definition::Array { .. }
        | Definition::Primitive(_)
        | Definition::Compact(_)
        | Definition::Bits => {}
    }
    Ok(())
}

/// The fields that follow; the reader stands before the first of them.
fn read_fields<'a>(reader: &mut Reader<'a>) -> Result<Fields<'a>, End> {
    let left = reader.count(MAX_FIELDS)?;
    let reader = *reader;
    Ok(Fields { reader, left })
}

fn read_field<'a>(reader: &mut Reader<'a>) -> Result<Field<'a>, End> {
    let name = if reader.option()? {
        Some(reader.text()?)
    } else {
        None
    };
    let ty = reader.compact()?;
    if reader.option()? {
        reader.bytes()?; // the type as its author wrote it
    }
    reader.lines()?; // its documentation
    Ok(Field { name, ty })
}

fn read_variant<'a>(reader: &mut Reader<'a>) -> Result<Variant<'a>, End> {
    let name = reader.text()?;
    let fields = read_fields(reader)?;
    for _ in 0..fields.left {
        read_field(reader)?;
    }
    let number = reader.u8()?;
    reader.lines()?; // its documentation
    Ok(Variant {
        name,
        number,
        fields,
    })
}
