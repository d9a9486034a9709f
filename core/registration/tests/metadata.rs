//! The reader of metadata against the reference, `frame-metadata`, and against bytes that are none.

use btpow_conformance::small_effort;
use btpow_forgery::{Forgery, PALLET};
use btpow_registration::metadata::{MAX_METADATA, Metadata, MetadataError, Shape};
use frame_metadata::RuntimeMetadataPrefixed;
use parity_scale_codec::Decode as _;
use proptest::{prelude::*, sample::Index};
use scale_info::TypeDefPrimitive;

/// Compares everything that is read with what the reference reads.
fn compare(forgery: &mut Forgery) {
    let bytes = forgery.encode();
    let read = Metadata::read(&bytes).expect("metadata");
    let pallet = read.pallet().expect("a pallet");
    assert_eq!(pallet.number, *forgery.pallet_number());
    assert_eq!(pallet.calls, Some(forgery.calls_type()));
    assert_eq!(read.extrinsic_version(), *forgery.extrinsic_version());
    assert_eq!(read.types().count(), forgery.types().len());
    let extensions: Vec<_> = read
        .extensions()
        .iter()
        .map(|it| btpow_forgery::Extension {
            name: it.name.to_owned(),
            extra: it.extra,
            implicit: it.implicit,
        })
        .collect();
    assert_eq!(extensions, forgery.extensions());
    let calls = forgery.calls_type();
    for expected in forgery.calls().iter() {
        let mut found = read.types().variants_named(calls, &expected.name);
        let call = found.next().expect("a call of this name");
        assert_eq!(call.number, expected.index, "{}", call.name);
        let fields: Vec<_> = call.fields.map(|it| (it.name, it.ty)).collect();
        let expected: Vec<_> = expected
            .fields
            .iter()
            .map(|it| (it.name.as_deref(), it.ty.id))
            .collect();
        assert_eq!(fields, expected, "{}", call.name);
        assert!(found.next().is_none());
    }
}

#[test]
fn real_metadata_is_read_as_the_reference_reads_it() {
    for mut forgery in Forgery::of_461().into_iter().chain(Forgery::of_475()) {
        compare(&mut forgery);
        assert!(forgery.calls().len() > 50);
        assert_eq!(forgery.extensions().len(), 13);
    }
}

#[test]
fn types_have_the_bytes_that_the_reference_gives_them() {
    let [mut forgery, _] = Forgery::of_461();
    let primitives = [
        (TypeDefPrimitive::U8, Shape::U8),
        (TypeDefPrimitive::U16, Shape::U16),
        (TypeDefPrimitive::U32, Shape::U32),
        (TypeDefPrimitive::U64, Shape::U64),
    ];
    let numbers = primitives
        .clone()
        .map(|(primitive, _)| forgery.primitive(primitive));
    let bytes = forgery.encode();
    let read = Metadata::read(&bytes).expect("metadata");
    for (number, (_, shape)) in numbers.into_iter().zip(&primitives) {
        for (_, other) in &primitives {
            assert_eq!(read.types().is(number, *other), shape == other);
        }
    }
}

#[test]
fn what_is_no_metadata_is_refused() {
    let [v14, _] = Forgery::of_461();
    let bytes = v14.encode();
    let refused = |bytes: &[u8]| Metadata::read(bytes).expect_err("no metadata");
    assert_eq!(refused(&[]), MetadataError::NotMetadata);
    assert_eq!(refused(b"mete"), MetadataError::NotMetadata);
    for format in [0, 13, 16, 255] {
        let mut other = bytes.clone();
        other[4] = format;
        assert_eq!(refused(&other), MetadataError::UnknownFormat(format));
    }
    let mut long = bytes.clone();
    long.resize(MAX_METADATA + 1, 0);
    assert_eq!(refused(&long), MetadataError::TooLarge);
    // Behind the extensions it says nothing that is needed here.
    long.truncate(MAX_METADATA);
    assert!(Metadata::read(&long).is_ok());
}

#[test]
fn two_pallets_of_one_name_or_number_are_refused() {
    for renamed in [true, false] {
        let [mut v14, mut v15] = Forgery::of_461();
        let Forgery::V14(metadata) = &mut v14 else {
            unreachable!("the first is of format 14")
        };
        let (pallets, ours) = (&mut metadata.pallets, 7);
        let other = pallets.iter_mut().find(|it| it.name == "Balances");
        let other = other.expect("a pallet");
        if renamed {
            other.name = PALLET.to_owned();
        } else {
            other.index = ours;
        }
        let bytes = v14.encode();
        let error = Metadata::read(&bytes).expect_err("two pallets");
        assert_eq!(error, MetadataError::TwoPallets);
        // And the other format is as it was.
        compare(&mut v15);
    }
}

#[test]
fn a_chain_without_the_pallet_has_none() {
    let [mut v14, _] = Forgery::of_461();
    let Forgery::V14(metadata) = &mut v14 else {
        unreachable!("the first is of format 14")
    };
    let mut pallets = metadata.pallets.iter_mut();
    let pallet = pallets.find(|it| it.name == PALLET).expect("a pallet");
    pallet.name = "Staking".to_owned();
    let bytes = v14.encode();
    assert_eq!(Metadata::read(&bytes).expect("metadata").pallet(), None);
}

/// Lists that claim to be longer than anything real.
#[test]
fn absurd_lists_are_refused_at_once() {
    // "meta", format 14, and 2^30 - 1 types.
    let mut bytes = b"meta\x0e\xfe\xff\xff\xff".to_vec();
    assert!(matches!(
        Metadata::read(&bytes),
        Err(MetadataError::Malformed { at: 5 })
    ));
    // One type, whose name has a million empty parts.
    bytes.truncate(5);
    bytes.extend([1 << 2, 0]);
    bytes.extend([0x02, 0x09, 0x3d, 0x00]);
    bytes.resize(bytes.len() + 1_000_000, 0);
    assert!(matches!(
        Metadata::read(&bytes),
        Err(MetadataError::Malformed { .. })
    ));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if small_effort() { 16 } else { 64 }))]

    /// Real metadata with some bytes changed: what the reference does not read is not read here, and
    /// what both read is the same.
    #[test]
    fn damaged_metadata_is_refused_or_read_alike(
        which in 0..2_usize,
        damage in prop::collection::vec((any::<Index>(), any::<u8>()), 1..4),
    ) {
        let mut bytes = Forgery::of_475()[which].encode();
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let read = Metadata::read(&bytes);
        let reference = RuntimeMetadataPrefixed::decode(&mut &bytes[..]);
        match (read, reference) {
            (Ok(read), Ok(_)) => {
                let forgery = Forgery::read(&bytes);
                let names = forgery.extensions().into_iter().map(|it| it.name);
                let read = read.extensions().iter().map(|it| it.name.to_owned());
                prop_assert_eq!(read.collect::<Vec<_>>(), names.collect::<Vec<_>>());
            }
            // What follows the extensions is not looked at here.
            (Ok(_), Err(_)) | (Err(_), _) => {}
        }
    }

    #[test]
    fn metadata_that_ends_early_is_refused(which in 0..2_usize, at: Index) {
        let forgery = &Forgery::of_475()[which];
        let bytes = forgery.encode();
        let end = at.index(bytes.len());
        let read = Metadata::read(&bytes[..end]);
        let reference = RuntimeMetadataPrefixed::decode(&mut &bytes[..end]);
        prop_assert!(reference.is_err());
        if let Ok(read) = read {
            // It ended behind what is looked at.
            prop_assert_eq!(read.extensions().len(), forgery.extensions().len());
        }
    }
}
