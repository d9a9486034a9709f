//! How much work it can take to read the values of a type.
//!
//! A library decodes values and follows their types wherever they lead. Metadata of a hostile endpoint may
//! nest types forever, or so deep that the stack overflows, which nothing survives, or describe an array of
//! four billion empty values, which takes no bytes and an hour. So a type is measured before a value of it is
//! read.

use std::collections::HashMap;

use scale_info::{PortableRegistry, TypeDef, TypeDefPrimitive};
use subxt::metadata::Metadata;

/// The deepest nesting to follow. Real types end after about ten levels.
const DEEPEST: u32 = 64;

/// Steps that each byte of a value may cost.
const STEPS_PER_BYTE: i64 = 64;

/// Steps that a value may cost beyond that.
const MOST_STEPS: i64 = 100_000;

/// The measure of a type.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Extent {
    /// How deep it is nested: 1 where it holds no other.
    depth: u32,
    /// The most steps to read a value, less [`STEPS_PER_BYTE`] for each byte read.
    excess: i64,
}

/// Whether values of the type with this number can be read in little time, whatever their bytes.
pub(super) fn is_harmless(types: &PortableRegistry, number: u32) -> bool {
    harmless(types, number, &mut HashMap::new())
}

/// Whether events and errors can be read in little time.
pub(super) fn are_events_harmless(metadata: &Metadata) -> bool {
    let types = metadata.types();
    let system = metadata.pallet_by_name("System");
    let events = system.and_then(|it| it.storage()?.entry_by_name("Events"));
    let mut known = HashMap::new();
    let mut all = events
        .map(|it| it.value_ty())
        .into_iter()
        .chain(metadata.dispatch_error_ty());
    events.is_some() && all.all(|number| harmless(types, number, &mut known))
}

fn harmless(types: &PortableRegistry, number: u32, known: &mut HashMap<u32, Extent>) -> bool {
    let extent = extent(types, number, DEEPEST, known);
    extent.is_some_and(|extent| extent.excess <= MOST_STEPS)
}

/// Measures a type of at most `levels` levels. None if it has more, contains itself, does not exist, or has
/// values without an end.
fn extent(
    types: &PortableRegistry,
    number: u32,
    levels: u32,
    known: &mut HashMap<u32, Extent>,
) -> Option<Extent> {
    if let Some(&extent) = known.get(&number) {
        // It was shallow enough elsewhere, but may be too deep here.
        return (extent.depth <= levels).then_some(extent);
    }
    let levels = levels.checked_sub(1)?;
    let mut depth = 0;
    let mut part = |number| {
        let part = extent(types, number, levels, known)?;
        depth = depth.max(part.depth);
        Some(part.excess)
    };
    let mut sum = |parts: &mut dyn Iterator<Item = u32>| {
        let mut sum = 1_i64;
        for number in parts {
            sum = sum.saturating_add(part(number)?);
        }
        Some(sum)
    };
    let bytes = |count: i64| 1 - count * STEPS_PER_BYTE;
    let excess = match &types.resolve(number)?.type_def {
        TypeDef::Composite(it) => sum(&mut it.fields.iter().map(|field| field.ty.id))?,
        TypeDef::Tuple(it) => sum(&mut it.fields.iter().map(|field| field.id))?,
        TypeDef::Variant(it) => {
            // One byte selects the variant.
            let mut most = bytes(1);
            for variant in &it.variants {
                let fields = sum(&mut variant.fields.iter().map(|field| field.ty.id))?;
                most = most.max(fields.saturating_add(bytes(1)));
            }
            most
        }
        TypeDef::Array(it) => part(it.type_param.id)?
            .saturating_mul(it.len.into())
            .saturating_add(1),
        // The data sets the count, so the bytes of each element must pay for it.
        TypeDef::Sequence(it) => {
            let each = part(it.type_param.id)?;
            (each <= 0).then_some(bytes(1))?
        }
        TypeDef::Compact(it) => part(it.type_param.id)?.saturating_add(1).max(bytes(1)),
        TypeDef::Primitive(it) => bytes(size(it)),
        TypeDef::BitSequence(_) => bytes(1),
    };
    let extent = Extent {
        depth: depth + 1,
        excess,
    };
    known.insert(number, extent);
    Some(extent)
}

/// The fewest bytes of a value.
const fn size(primitive: &TypeDefPrimitive) -> i64 {
    match primitive {
        TypeDefPrimitive::Bool
        | TypeDefPrimitive::Str
        | TypeDefPrimitive::U8
        | TypeDefPrimitive::I8 => 1,
        TypeDefPrimitive::U16 | TypeDefPrimitive::I16 => 2,
        TypeDefPrimitive::Char | TypeDefPrimitive::U32 | TypeDefPrimitive::I32 => 4,
        TypeDefPrimitive::U64 | TypeDefPrimitive::I64 => 8,
        TypeDefPrimitive::U128 | TypeDefPrimitive::I128 => 16,
        TypeDefPrimitive::U256 | TypeDefPrimitive::I256 => 32,
    }
}

#[cfg(test)]
mod tests {
    use btpow_forgery::{Forgery, unnamed};
    use scale_info::{
        TypeDefArray, TypeDefCompact, TypeDefComposite, TypeDefSequence, TypeDefTuple,
        form::PortableForm,
    };

    use super::*;

    fn read(forgery: &Forgery) -> Metadata {
        Metadata::decode_from(&forgery.encode()).expect("metadata")
    }

    fn tuple<const N: usize>(numbers: [u32; N]) -> TypeDefTuple<PortableForm> {
        TypeDefTuple::new_portable(numbers.map(Into::into))
    }

    #[test]
    fn real_runtimes_are_harmless() {
        for forgery in Forgery::of_461() {
            let metadata = read(&forgery);
            assert!(are_events_harmless(&metadata));
            let entries = metadata.pallets().filter_map(|it| it.storage());
            let entries = entries.flat_map(|it| it.entries());
            let values: Vec<_> = entries.map(|entry| entry.value_ty()).collect();
            let harmless = values
                .iter()
                .filter(|&&it| is_harmless(metadata.types(), it));
            // The only exceptions among finney's items hold calls, which contain calls.
            assert!(harmless.count() + 10 > values.len() && values.len() > 200);
        }
    }

    #[test]
    fn a_type_that_contains_itself_is_not() {
        let [mut forgery, _] = Forgery::of_461();
        let first = forgery.add_type("A", tuple([]));
        let second = forgery.add_type("B", TypeDefComposite::new([unnamed(first)]));
        assert!(is_harmless(read(&forgery).types(), second));
        forgery.ty(first).type_def = TypeDefComposite::new([unnamed(second)]).into();
        assert!(!is_harmless(read(&forgery).types(), second));
        assert!(!is_harmless(read(&forgery).types(), u32::MAX));
    }

    #[test]
    fn depth_has_a_limit() {
        let [mut forgery, _] = Forgery::of_461();
        let mut number = forgery.primitive(TypeDefPrimitive::U8);
        let mut numbers = vec![number];
        for _ in 0..70 {
            number = forgery.add_type("A", TypeDefComposite::new([unnamed(number)]));
            numbers.push(number);
        }
        let metadata = read(&forgery);
        assert!(is_harmless(metadata.types(), numbers[63]));
        assert!(!is_harmless(metadata.types(), numbers[64]));
        // Even if a part of it was measured before.
        let mut known = HashMap::new();
        assert!(harmless(metadata.types(), numbers[60], &mut known));
        assert!(!harmless(metadata.types(), numbers[70], &mut known));
    }

    /// Values that cost time and no bytes.
    #[test]
    fn a_great_deal_of_nothing_is_not_harmless() {
        let [mut forgery, _] = Forgery::of_461();
        let u8 = forgery.primitive(TypeDefPrimitive::U8);
        let nothing = forgery.add_type("", tuple([]));
        let array = |forgery: &mut Forgery, len, of: u32| {
            forgery.add_type("", TypeDefArray::new(len, of.into()))
        };
        let some = array(&mut forgery, 1_000, nothing);
        let much = array(&mut forgery, u32::MAX, nothing);
        let more = array(&mut forgery, u32::MAX, much);
        let mut pairs = nothing;
        for _ in 0..60 {
            pairs = forgery.add_type("", tuple([pairs, pairs]));
        }
        let many = forgery.add_type("", TypeDefSequence::new(nothing.into()));
        let compact = forgery.add_type("", TypeDefCompact::new(much.into()));
        // One byte for a thousand steps, as often as the data says.
        let dear = forgery.add_type("", tuple([u8, some]));
        let dearest = forgery.add_type("", TypeDefSequence::new(dear.into()));
        let bytes = array(&mut forgery, u32::MAX, u8);
        let plain = forgery.add_type("", TypeDefSequence::new(u8.into()));
        let metadata = read(&forgery);
        let harmless = |number| is_harmless(metadata.types(), number);
        for number in [nothing, some, dear, bytes, plain] {
            assert!(harmless(number), "{number}");
        }
        for number in [much, more, pairs, many, compact, dearest] {
            assert!(!harmless(number), "{number}");
        }
    }
}
