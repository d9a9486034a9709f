//! The lies of a dishonest endpoint.

use scale_info::{
    TypeDefArray, TypeDefCompact, TypeDefComposite, TypeDefPrimitive, TypeDefSequence,
    TypeDefTuple, TypeDefVariant, Variant,
};

use crate::{Extension, Forgery, field, unnamed};

/// A lie: its name, and the change that makes it.
pub type Lie = (&'static str, fn(&mut Forgery));

/// Lies about the call that carries a proof and about its pallet; the metadata has `pow_register`.
pub const CALL: &[Lie] = &[
    ("pallet-number", |told| *told.pallet_number() = 11),
    ("call-number-of-register", |told| call(told).index = 6),
    ("call-number-zero", |told| call(told).index = 0),
    ("call-twice", |told| {
        let twice = call(told).clone();
        told.calls().push(twice);
    }),
    ("argument-renamed", |told| {
        call(told).fields[2].name = Some("tip".to_owned());
    }),
    ("argument-unnamed", |told| call(told).fields[2].name = None),
    ("argument-dropped", |told| drop(call(told).fields.pop())),
    ("argument-added", |told| {
        let u64 = told.primitive(TypeDefPrimitive::U64);
        call(told).fields.push(field("value", u64));
    }),
    ("arguments-exchanged", |told| call(told).fields.swap(1, 2)),
    ("arguments-none", |told| call(told).fields.clear()),
    ("argument-narrower", |told| {
        let u32 = told.primitive(TypeDefPrimitive::U32);
        call(told).fields[1].ty = u32.into();
    }),
    ("argument-compact", |told| {
        let u64 = told.primitive(TypeDefPrimitive::U64);
        let compact = told.add_type("", TypeDefCompact::new(u64.into()));
        call(told).fields[2].ty = compact.into();
    }),
    ("argument-of-any-length", |told| {
        let u8 = told.primitive(TypeDefPrimitive::U8);
        let bytes = told.add_type("", TypeDefSequence::new(u8.into()));
        call(told).fields[3].ty = bytes.into();
    }),
    ("argument-longer", |told| {
        let u8 = told.primitive(TypeDefPrimitive::U8);
        let bytes = told.add_type("", TypeDefArray::new(33, u8.into()));
        call(told).fields[3].ty = bytes.into();
    }),
    ("argument-no-account", |told| {
        let hash = call(told).fields[3].ty.id;
        call(told).fields[4].ty = hash.into();
    }),
    ("argument-of-two", |told| {
        let u16 = told.primitive(TypeDefPrimitive::U16);
        let two = told.add_type("", TypeDefComposite::new([unnamed(u16), unnamed(u16)]));
        call(told).fields[0].ty = two.into();
    }),
    ("argument-of-no-type", |told| {
        call(told).fields[0].ty = u32::MAX.wrapping_shr(2).into();
    }),
    ("argument-contains-itself", |told| {
        let number = told.add_type("NetUid", TypeDefTuple::new_portable([]));
        told.ty(number).type_def = TypeDefComposite::new([unnamed(number)]).into();
        call(told).fields[0].ty = number.into();
    }),
    ("arguments-contain-each-other", |told| {
        let first = told.add_type("NetUid", TypeDefTuple::new_portable([]));
        let second = told.add_type("NetUid", TypeDefComposite::new([unnamed(first)]));
        told.ty(first).type_def = TypeDefComposite::new([unnamed(second)]).into();
        call(told).fields[0].ty = first.into();
    }),
    ("argument-wrapped-too-often", |told| {
        let mut number = told.primitive(TypeDefPrimitive::U16);
        for _ in 0..60_000 {
            number = told.add_type("NetUid", TypeDefComposite::new([unnamed(number)]));
        }
        call(told).fields[0].ty = number.into();
    }),
];

/// Lies about transaction extensions and about extrinsics.
pub const EXTENSIONS: &[Lie] = &[
    ("extrinsic-version", |told| *told.extrinsic_version() = 5),
    ("extensions-none", |told| told.set_extensions(Vec::new())),
    ("extension-dropped", |told| {
        told.edit_extensions(|list| list.retain(|it| it.name != "CheckNonce"));
    }),
    ("extension-hash-dropped", |told| {
        told.edit_extensions(|list| list.retain(|it| it.name != "CheckMetadataHash"));
    }),
    ("extension-doubled", |told| {
        told.edit_extensions(|list| {
            let at = place(list, "ChargeTransactionPayment");
            list.insert(at, list[at].clone());
        });
    }),
    ("extension-without-bytes-doubled", |told| {
        told.edit_extensions(|list| {
            let at = place(list, "CheckWeight");
            list.insert(at, list[at].clone());
        });
    }),
    ("extensions-reordered", |told| {
        told.edit_extensions(|list| {
            let (nonce, tip) = (
                place(list, "CheckNonce"),
                place(list, "ChargeTransactionPayment"),
            );
            list.swap(nonce, tip);
        });
    }),
    ("versions-exchanged", |told| {
        told.edit_extensions(|list| {
            let (spec, transaction) = (
                place(list, "CheckSpecVersion"),
                place(list, "CheckTxVersion"),
            );
            list.swap(spec, transaction);
        });
    }),
    ("extension-unknown", |told| {
        told.edit_extensions(|list| {
            let nothing = list[place(list, "CheckWeight")].clone();
            let name = "TipTheEndpoint".to_owned();
            list.push(Extension { name, ..nothing });
        });
    }),
    ("extension-of-another-type", |told| {
        retype(told, "CheckNonce", |it, types| it.extra = types.u64);
    }),
    ("extension-tip-wider", |told| {
        let u128 = told.primitive(TypeDefPrimitive::U128);
        let compact = told.add_type("", TypeDefCompact::new(u128.into()));
        retype(told, "ChargeTransactionPayment", |it, _| it.extra = compact);
    }),
    ("extension-without-bytes-has-bytes", |told| {
        retype(told, "CheckWeight", |it, types| it.extra = types.u64);
    }),
    ("extension-without-bytes-is-signed", |told| {
        retype(told, "CheckWeight", |it, types| it.implicit = types.u64);
    }),
    ("extension-genesis-signed-otherwise", |told| {
        retype(told, "CheckGenesis", |it, types| it.implicit = types.u64);
    }),
    ("extension-hash-not-optional", |told| {
        let hash = told.extensions();
        let hash = hash[place(&hash, "CheckGenesis")].implicit;
        retype(told, "CheckMetadataHash", |it, _| it.implicit = hash);
    }),
    ("extension-mode-of-two-bytes", |told| {
        let u8 = told.primitive(TypeDefPrimitive::U8);
        let variants = ["Disabled", "Enabled"].into_iter().zip(0..);
        let variants = variants.map(|(name, number)| Variant {
            name: name.to_owned(),
            fields: vec![unnamed(u8)],
            index: number,
            docs: Vec::new(),
        });
        let mode = told.add_type("Mode", TypeDefVariant::new(variants));
        retype(told, "CheckMetadataHash", |it, _| it.extra = mode);
    }),
    ("extension-modes-exchanged", |told| {
        let variants = ["Enabled", "Disabled"].into_iter().zip(0..);
        let variants = variants.map(|(name, number)| Variant {
            name: name.to_owned(),
            fields: Vec::new(),
            index: number,
            docs: Vec::new(),
        });
        let mode = told.add_type("Mode", TypeDefVariant::new(variants));
        retype(told, "CheckMetadataHash", |it, _| it.extra = mode);
    }),
    ("era-longer", |told| {
        let u64 = told.primitive(TypeDefPrimitive::U64);
        let era = era(told);
        told.variants(era)[4].fields = vec![unnamed(u64)];
    }),
    ("era-shorter", |told| {
        let era = era(told);
        told.variants(era)[4].fields.clear();
    }),
    ("era-numbers-exchanged", |told| {
        let era = era(told);
        told.variants(era)[4].index = 5;
        told.variants(era)[5].index = 4;
    }),
    ("era-names-exchanged", |told| {
        let era = era(told);
        told.variants(era)[4].name = "Mortal5".to_owned();
        told.variants(era)[5].name = "Mortal4".to_owned();
    }),
    ("era-with-one-more", |told| {
        let era = era(told);
        let more = told.variants(era)[255].clone();
        told.variants(era).push(more);
    }),
    ("extension-contains-itself", |told| {
        let number = told.add_type("CheckWeight", TypeDefTuple::new_portable([]));
        let fields = [unnamed(number), unnamed(number)];
        told.ty(number).type_def = TypeDefComposite::new(fields).into();
        retype(told, "CheckWeight", |it, _| it.extra = number);
    }),
    ("extension-of-nothing-very-often", |told| {
        let mut number = told.add_type("Nothing", TypeDefTuple::new_portable([]));
        for _ in 0..64 {
            let fields = core::iter::repeat_n(unnamed(number), 16);
            number = told.add_type("Nothing", TypeDefComposite::new(fields));
        }
        retype(told, "CheckWeight", |it, _| it.extra = number);
    }),
];

/// The lies of the attacks on the first release of this program; the metadata has `pow_register`. With the right numbers,
/// each made a chain take a signature for another call.
pub const ATTACKS: &[Lie] = &[
    // The signature was valid for a batch with a transfer of all TAO.
    ("attack-batch", |told| {
        *told.pallet_number() = 11;
        call(told).index = 0;
        told.edit_extensions(|list| {
            let twice = list.clone();
            list.extend(twice);
            list.reverse();
        });
    }),
    // The signature was valid for the call that burns TAO.
    ("attack-burn", |told| call(told).index = 6),
    // The same with the hotkey's signature, for a claimed version of 1.
    ("attack-versions", |told| {
        told.calls().retain(|call| call.name != "pow_register");
        told.edit_extensions(|list| {
            let (spec, transaction) = (
                place(list, "CheckSpecVersion"),
                place(list, "CheckTxVersion"),
            );
            list.swap(spec, transaction);
        });
    }),
];

/// All lies.
pub fn all() -> impl Iterator<Item = &'static Lie> {
    CALL.iter().chain(EXTENSIONS).chain(ATTACKS)
}

/// The lie with this name.
pub fn named(name: &str) -> Option<&'static Lie> {
    all().find(|(other, _)| *other == name)
}

/// Types for the lies.
struct Types {
    u64: u32,
}

fn call(told: &mut Forgery) -> &mut Variant<scale_info::form::PortableForm> {
    told.call("pow_register").expect("a call of spec 475")
}

fn place(extensions: &[Extension], name: &str) -> usize {
    let found = extensions.iter().position(|it| it.name == name);
    found.expect("an extension of all versions")
}

fn retype(told: &mut Forgery, name: &str, edit: impl FnOnce(&mut Extension, &Types)) {
    let u64 = told.primitive(TypeDefPrimitive::U64);
    told.edit_extensions(|list| {
        let at = place(list, name);
        edit(&mut list[at], &Types { u64 });
    });
}

/// The number of the type of eras.
fn era(told: &mut Forgery) -> u32 {
    let extensions = told.extensions();
    let wrapper = extensions[place(&extensions, "CheckMortality")].extra;
    told.fields(wrapper)[0].ty.id
}
