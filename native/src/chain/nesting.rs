//! How deep types of metadata are nested.
//!
//! Values are decoded by a library that follows their types as deep as they go. Metadata of a hostile
//! endpoint may nest them for ever, or so deep that the stack ends, which nothing survives. So a type
//! is measured before a value of it is read.

use std::collections::HashMap;

use scale_info::{PortableRegistry, TypeDef, form::PortableForm};
use subxt::metadata::Metadata;

/// The deepest nesting that is followed. Real types end after ten levels or so.
const DEEPEST: u32 = 64;

/// How deep the type with this number is nested: 1 where it holds no other. Nothing where it is too deep,
/// holds itself, or is not there.
pub(super) fn of(types: &PortableRegistry, number: u32) -> Option<u32> {
    let mut depths = HashMap::new();
    depth(types, number, DEEPEST, &mut depths)
}

/// How deep what is read of events and errors is nested.
pub(super) fn of_events(metadata: &Metadata) -> Option<u32> {
    let types = metadata.types();
    let system = metadata.pallet_by_name("System")?;
    let events = system.storage()?.entry_by_name("Events")?.value_ty();
    let mut depths = HashMap::new();
    let events = depth(types, events, DEEPEST, &mut depths)?;
    match metadata.dispatch_error_ty() {
        Some(error) => Some(events.max(depth(types, error, DEEPEST, &mut depths)?)),
        None => Some(events),
    }
}

/// As [`of`], with so many levels left and the depths that are known already.
fn depth(
    types: &PortableRegistry,
    number: u32,
    left: u32,
    depths: &mut HashMap<u32, u32>,
) -> Option<u32> {
    let left = left.checked_sub(1)?;
    if let Some(&known) = depths.get(&number) {
        // What was shallow enough there may be too deep here.
        return (known <= left + 1).then_some(known);
    }
    let mut deepest = 0;
    for part in parts(&types.resolve(number)?.type_def) {
        deepest = deepest.max(depth(types, part, left, depths)?);
    }
    depths.insert(number, deepest + 1);
    Some(deepest + 1)
}

/// The types that values of a type hold.
fn parts(definition: &TypeDef<PortableForm>) -> Vec<u32> {
    match definition {
        TypeDef::Composite(it) => it.fields.iter().map(|field| field.ty.id).collect(),
        TypeDef::Variant(it) => {
            let fields = it.variants.iter().flat_map(|variant| &variant.fields);
            fields.map(|field| field.ty.id).collect()
        }
        TypeDef::Sequence(it) => vec![it.type_param.id],
        TypeDef::Array(it) => vec![it.type_param.id],
        TypeDef::Tuple(it) => it.fields.iter().map(|field| field.id).collect(),
        TypeDef::Compact(it) => vec![it.type_param.id],
        TypeDef::Primitive(_) | TypeDef::BitSequence(_) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use btpow_forgery::{Forgery, unnamed};
    use scale_info::{TypeDefComposite, TypeDefPrimitive, TypeDefTuple};

    use super::*;

    fn read(forgery: &Forgery) -> Metadata {
        Metadata::decode_from(&forgery.encode()).expect("metadata")
    }

    #[test]
    fn real_events_are_shallow() {
        for forgery in Forgery::of_461() {
            let depth = of_events(&read(&forgery)).expect("shallow");
            assert!((5..20).contains(&depth), "{depth}");
        }
    }

    #[test]
    fn what_holds_itself_has_no_depth() {
        let [mut forgery, _] = Forgery::of_461();
        let first = forgery.add_type("A", TypeDefTuple::new_portable([]));
        let second = forgery.add_type("B", TypeDefComposite::new([unnamed(first)]));
        assert_eq!(of(read(&forgery).types(), second), Some(2));
        forgery.ty(first).type_def = TypeDefComposite::new([unnamed(second)]).into();
        assert_eq!(of(read(&forgery).types(), second), None);
        assert_eq!(of(read(&forgery).types(), u32::MAX), None);
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
        assert_eq!(of(metadata.types(), numbers[63]), Some(64));
        assert_eq!(of(metadata.types(), numbers[64]), None);
        // Also where a part of it is known.
        let mut depths = HashMap::new();
        let known = depth(metadata.types(), numbers[60], DEEPEST, &mut depths);
        assert_eq!(known, Some(61));
        let deeper = depth(metadata.types(), numbers[70], DEEPEST, &mut depths);
        assert_eq!(deeper, None);
    }
}
