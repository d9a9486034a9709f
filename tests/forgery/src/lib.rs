//! False metadata, for the tests of btpow.
//!
//! [`Forgery`] is real metadata, decoded by the reference (`frame-metadata`), to change and encode again. [`lies`] are the
//! changes that a dishonest endpoint might make. [`honest`] reads what is signed, as an honest chain does.

#![forbid(unsafe_code)]
#![expect(
    clippy::missing_panics_doc,
    reason = "a test whose metadata is not as expected should fail"
)]

pub mod honest;
pub mod lies;

use frame_metadata::{RuntimeMetadata, RuntimeMetadataPrefixed, v14, v14::StorageEntryType, v15};
use parity_scale_codec::{Decode as _, Encode as _};
use scale_info::{
    Field, Path, PortableRegistry, PortableType, Type, TypeDef, TypeDefPrimitive, Variant,
    form::PortableForm,
};

/// The pallet that the lies are about.
pub const PALLET: &str = "SubtensorModule";

/// What a type is made of.
pub type Definition = TypeDef<PortableForm>;

/// Metadata to change.
#[derive(Clone, Debug)]
pub enum Forgery {
    /// In format 14.
    V14(v14::RuntimeMetadataV14),
    /// In format 15.
    V15(v15::RuntimeMetadataV15),
}

/// A transaction extension in metadata.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Extension {
    /// Its name.
    pub name: String,
    /// The number of the type that an extrinsic carries for it.
    pub extra: u32,
    /// The number of the type that a signature covers for it besides.
    pub implicit: u32,
}

impl Forgery {
    /// Reads metadata that begins with "meta".
    pub fn read(mut bytes: &[u8]) -> Self {
        let metadata = RuntimeMetadataPrefixed::decode(&mut bytes).expect("metadata");
        match metadata.1 {
            RuntimeMetadata::V14(metadata) => Self::V14(metadata),
            RuntimeMetadata::V15(metadata) => Self::V15(metadata),
            other => panic!("format {}", other.version()),
        }
    }

    /// Reads the answer of `Metadata_metadata_at_version`: metadata inside bytes inside an option.
    pub fn read_answer(mut answer: &[u8]) -> Self {
        let bytes = Option::<Vec<u8>>::decode(&mut answer).expect("an answer");
        Self::read(&bytes.expect("metadata of that format"))
    }

    /// The metadata of spec 461, from finney's time without proofs, in formats 14 and 15.
    pub fn of_461() -> [Self; 2] {
        let v14 = include_bytes!("../../vectors/subtensor-461/metadata_v14.scale");
        let v15 = include_bytes!("../../vectors/subtensor-461/metadata_v15.scale");
        [Self::read(v14), Self::read_answer(v15)]
    }

    /// The same with the `pow_register` that came with spec 475.
    pub fn of_475() -> [Self; 2] {
        Self::of_461().map(|mut metadata| {
            metadata.add_pow_register();
            metadata
        })
    }

    /// The calls of spec 393: `register`, which took a proof then, and the `faucet` of development chains.
    pub fn of_393() -> [Self; 2] {
        Self::of_461().map(|mut metadata| {
            metadata.add_faucet();
            metadata
        })
    }

    /// Its bytes, which begin with "meta".
    pub fn encode(&self) -> Vec<u8> {
        let metadata: RuntimeMetadataPrefixed = match self.clone() {
            Self::V14(metadata) => metadata.into(),
            Self::V15(metadata) => metadata.into(),
        };
        metadata.encode()
    }

    /// Its bytes as `Metadata_metadata_at_version` returns them.
    pub fn encode_answer(&self) -> Vec<u8> {
        Some(self.encode()).encode()
    }

    /// All types.
    pub fn types(&mut self) -> &mut Vec<PortableType> {
        let PortableRegistry { types } = match self {
            Self::V14(metadata) => &mut metadata.types,
            Self::V15(metadata) => &mut metadata.types,
        };
        types
    }

    /// A type by its number.
    pub fn ty(&mut self, number: u32) -> &mut Type<PortableForm> {
        &mut self.types()[number as usize].ty
    }

    /// Adds a type. Returns its number.
    pub fn add_type(&mut self, name: &str, definition: impl Into<Definition>) -> u32 {
        let id = u32::try_from(self.types().len()).expect("few types");
        let path = Path::from_segments_unchecked([name.to_owned()]);
        let ty = Type::new(path, [], definition.into(), Vec::new());
        self.types().push(PortableType { id, ty });
        id
    }

    /// The number of a type with this definition.
    pub fn find(&mut self, definition: &Definition) -> u32 {
        let found = self.types().iter().find(|it| it.ty.type_def == *definition);
        found.expect("a type that is this").id
    }

    /// The number of a primitive type.
    pub fn primitive(&mut self, primitive: TypeDefPrimitive) -> u32 {
        self.find(&primitive.into())
    }

    /// The number of the type of the pallet's calls.
    pub fn calls_type(&self) -> u32 {
        let calls = match self {
            Self::V14(metadata) => {
                let mut pallets = metadata.pallets.iter();
                let pallet = pallets.find(|pallet| pallet.name == PALLET);
                pallet.and_then(|it| it.calls.as_ref().map(|calls| calls.ty.id))
            }
            Self::V15(metadata) => {
                let mut pallets = metadata.pallets.iter();
                let pallet = pallets.find(|pallet| pallet.name == PALLET);
                pallet.and_then(|it| it.calls.as_ref().map(|calls| calls.ty.id))
            }
        };
        calls.expect("a pallet with calls")
    }

    /// The pallet's calls.
    pub fn calls(&mut self) -> &mut Vec<Variant<PortableForm>> {
        let number = self.calls_type();
        self.variants(number)
    }

    /// A call of the pallet, if it has one with this name.
    pub fn call(&mut self, name: &str) -> Option<&mut Variant<PortableForm>> {
        self.calls().iter_mut().find(|call| call.name == name)
    }

    /// The variants of a type.
    pub fn variants(&mut self, number: u32) -> &mut Vec<Variant<PortableForm>> {
        match &mut self.ty(number).type_def {
            TypeDef::Variant(definition) => &mut definition.variants,
            other => panic!("{other:?} has no variants"),
        }
    }

    /// The fields of a type.
    pub fn fields(&mut self, number: u32) -> &mut Vec<Field<PortableForm>> {
        match &mut self.ty(number).type_def {
            TypeDef::Composite(definition) => &mut definition.fields,
            other => panic!("{other:?} has no fields"),
        }
    }

    /// The number of the pallet.
    pub fn pallet_number(&mut self) -> &mut u8 {
        match self {
            Self::V14(metadata) => {
                let mut pallets = metadata.pallets.iter_mut();
                &mut pallets
                    .find(|it| it.name == PALLET)
                    .expect("a pallet")
                    .index
            }
            Self::V15(metadata) => {
                let mut pallets = metadata.pallets.iter_mut();
                &mut pallets
                    .find(|it| it.name == PALLET)
                    .expect("a pallet")
                    .index
            }
        }
    }

    /// Changes the type of the keys, or else of the values, of an item of the pallet's storage.
    pub fn set_storage_type(&mut self, entry: &str, is_key: bool, number: u32) {
        match self.entry(PALLET, entry) {
            StorageEntryType::Map { key, value, .. } => {
                *(if is_key { key } else { value }) = number.into();
            }
            StorageEntryType::Plain(_) => panic!("{entry} is no map"),
        }
    }

    /// Changes the type of a block's events.
    pub fn set_event_type(&mut self, number: u32) {
        *self.entry("System", "Events") = StorageEntryType::Plain(number.into());
    }

    fn entry(&mut self, pallet: &str, entry: &str) -> &mut StorageEntryType<PortableForm> {
        let storage = match self {
            Self::V14(metadata) => {
                let mut pallets = metadata.pallets.iter_mut();
                pallets
                    .find(|it| it.name == pallet)
                    .map(|it| &mut it.storage)
            }
            Self::V15(metadata) => {
                let mut pallets = metadata.pallets.iter_mut();
                pallets
                    .find(|it| it.name == pallet)
                    .map(|it| &mut it.storage)
            }
        };
        let storage = storage.and_then(|storage| storage.as_mut());
        let mut entries = storage.expect("a pallet with storage").entries.iter_mut();
        &mut entries.find(|it| it.name == entry).expect("an item").ty
    }

    /// The version of extrinsics.
    pub fn extrinsic_version(&mut self) -> &mut u8 {
        match self {
            Self::V14(metadata) => &mut metadata.extrinsic.version,
            Self::V15(metadata) => &mut metadata.extrinsic.version,
        }
    }

    /// The transaction extensions, in their order.
    pub fn extensions(&self) -> Vec<Extension> {
        match self {
            Self::V14(metadata) => {
                let extensions = metadata.extrinsic.signed_extensions.iter();
                let told = extensions.map(|it| Extension {
                    name: it.identifier.clone(),
                    extra: it.ty.id,
                    implicit: it.additional_signed.id,
                });
                told.collect()
            }
            Self::V15(metadata) => {
                let extensions = metadata.extrinsic.signed_extensions.iter();
                let told = extensions.map(|it| Extension {
                    name: it.identifier.clone(),
                    extra: it.ty.id,
                    implicit: it.additional_signed.id,
                });
                told.collect()
            }
        }
    }

    /// Replaces the transaction extensions.
    pub fn set_extensions(&mut self, extensions: Vec<Extension>) {
        match self {
            Self::V14(metadata) => {
                let told = extensions
                    .into_iter()
                    .map(|it| v14::SignedExtensionMetadata {
                        identifier: it.name,
                        ty: it.extra.into(),
                        additional_signed: it.implicit.into(),
                    });
                metadata.extrinsic.signed_extensions = told.collect();
            }
            Self::V15(metadata) => {
                let told = extensions
                    .into_iter()
                    .map(|it| v15::SignedExtensionMetadata {
                        identifier: it.name,
                        ty: it.extra.into(),
                        additional_signed: it.implicit.into(),
                    });
                metadata.extrinsic.signed_extensions = told.collect();
            }
        }
    }

    /// Changes the transaction extensions.
    pub fn edit_extensions(&mut self, edit: impl FnOnce(&mut Vec<Extension>)) {
        let mut extensions = self.extensions();
        edit(&mut extensions);
        self.set_extensions(extensions);
    }

    /// Drops all types except those of the relevant calls and of the extensions.
    pub fn keep_what_is_compared(&mut self) {
        let known = ["pow_register", "register", "faucet"];
        self.calls()
            .retain(|call| known.contains(&call.name.as_str()));
        let calls = self.calls_type();
        let extensions = self.extensions();
        let extensions = extensions.iter().flat_map(|it| [it.extra, it.implicit]);
        let kept: Vec<u32> = extensions.chain([calls]).collect();
        let registry = match self {
            Self::V14(metadata) => &mut metadata.types,
            Self::V15(metadata) => &mut metadata.types,
        };
        let numbers = registry.retain(|number| kept.contains(&number));
        let new = |number: u32| numbers[&number];
        self.edit_extensions(|list| {
            for it in list {
                (it.extra, it.implicit) = (new(it.extra), new(it.implicit));
            }
        });
        self.keep_one_pallet(new(calls));
    }

    /// Drops all other pallets, and everything in this one but its calls.
    fn keep_one_pallet(&mut self, calls: u32) {
        let calls = || Some(v14::PalletCallMetadata { ty: calls.into() });
        match self {
            Self::V14(metadata) => {
                metadata.pallets.retain(|it| it.name == PALLET);
                for it in &mut metadata.pallets {
                    (it.storage, it.calls, it.event, it.error) = (None, calls(), None, None);
                    it.constants.clear();
                }
            }
            Self::V15(metadata) => {
                metadata.pallets.retain(|it| it.name == PALLET);
                for it in &mut metadata.pallets {
                    (it.storage, it.calls, it.event, it.error) = (None, calls(), None, None);
                    it.constants.clear();
                }
            }
        }
    }

    /// Adds the call that came with spec 475.
    fn add_pow_register(&mut self) {
        let u64 = self.primitive(TypeDefPrimitive::U64);
        let u8 = self.primitive(TypeDefPrimitive::U8);
        let hash = self.find(&scale_info::TypeDefArray::new(32, u8.into()).into());
        let register = self.call("register").expect("a call of all versions");
        let ty = |name: &str| {
            let mut fields = register.fields.iter();
            let field = fields.find(|field| field.name.as_deref() == Some(name));
            field.expect("an argument of all versions").ty.id
        };
        let arguments = [
            ("netuid", ty("netuid")),
            ("work_block", u64),
            ("nonce", u64),
            ("work", hash),
            ("hotkey", ty("hotkey")),
        ];
        let fields = arguments.map(|(name, ty)| field(name, ty)).to_vec();
        self.add_call("pow_register", 152, fields);
    }

    /// Adds the call of runtimes that are built with `pow-faucet`.
    fn add_faucet(&mut self) {
        // Block, nonce and seal, as in a legacy registration.
        let register = self.call("register").expect("a call of all versions");
        let fields = register.fields[1..4].to_vec();
        self.add_call("faucet", 60, fields);
    }

    fn add_call(&mut self, name: &str, index: u8, fields: Vec<Field<PortableForm>>) {
        self.calls().push(Variant {
            name: name.to_owned(),
            fields,
            index,
            docs: Vec::new(),
        });
    }
}

/// A field with a name.
pub fn field(name: &str, ty: u32) -> Field<PortableForm> {
    Field::new(Some(name.to_owned()), ty.into(), None, Vec::new())
}

/// A field without a name.
pub fn unnamed(ty: u32) -> Field<PortableForm> {
    Field::new(None, ty.into(), None, Vec::new())
}
