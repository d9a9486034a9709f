//! Bytes at addresses.
//!
//! An address is the same in its space and as a generic one. Each variable and each buffer has 16 MiB of addresses to
//! itself and begins some way into them, so an access that leaves one ends in no other.

use super::{
    fault::Problem,
    instruction::Place,
    race::{Log, Mark},
    space::Space,
};

/// A program's memory on a card.
#[derive(Clone, Debug)]
pub(crate) struct Memory {
    regions: Vec<Region>,
}

/// A variable or a buffer.
#[derive(Clone, Debug)]
struct Region {
    space: Space,
    /// None for a byte that is not written yet.
    bytes: Vec<Option<u8>>,
    /// For each byte who touched it; none if nothing may write to it.
    logs: Option<Vec<Log>>,
}

/// Where in its addresses a region begins: at a multiple of every alignment.
const BEGIN: u64 = 0x1000;
const REGION_BITS: u32 = 24;
/// The regions that every launch fills anew.
const STATIC_SHARED: usize = 1;
const DYNAMIC_SHARED: usize = 2;
const PARAMETERS: usize = 3;

const fn address(region: usize) -> u64 {
    ((region as u64) << REGION_BITS) + BEGIN
}

/// The first address of the shared variables whose size the program knows.
pub(crate) const STATIC_SHARED_BEGIN: u64 = address(STATIC_SHARED);
/// The address of the shared memory whose size the host decides.
pub(crate) const DYNAMIC_SHARED_BEGIN: u64 = address(DYNAMIC_SHARED);
/// The address of the first parameter.
pub(crate) const PARAMETERS_BEGIN: u64 = address(PARAMETERS);

impl Region {
    const NOTHING: Self = Self {
        space: Space::Generic,
        bytes: Vec::new(),
        logs: None,
    };

    fn constant(space: Space, bytes: &[u8]) -> Self {
        Self {
            space,
            bytes: bytes.iter().copied().map(Some).collect(),
            logs: None,
        }
    }

    fn variable(space: Space, bytes: Vec<Option<u8>>) -> Self {
        Self {
            space,
            logs: Some(vec![Log::default(); bytes.len()]),
            bytes,
        }
    }
}

impl Memory {
    pub(crate) fn new() -> Self {
        Self {
            regions: vec![Region::NOTHING; PARAMETERS + 1],
        }
    }

    /// Adds what the host keeps constant. Returns its address.
    pub(crate) fn add_constant(&mut self, space: Space, bytes: &[u8]) -> u64 {
        self.add(Region::constant(space, bytes))
    }

    /// Adds global memory that the program may change. Returns its address.
    pub(crate) fn add_variable(&mut self, bytes: &[u8]) -> u64 {
        let bytes = bytes.iter().copied().map(Some).collect();
        self.add(Region::variable(Space::Global, bytes))
    }

    fn add(&mut self, region: Region) -> u64 {
        self.regions.push(region);
        address(self.regions.len() - 1)
    }

    /// Sets the parameters of a launch.
    pub(crate) fn set_parameters(&mut self, bytes: &[u8]) {
        self.regions[PARAMETERS] = Region::constant(Space::Parameter, bytes);
    }

    /// Gives a block shared memory, in which nothing is written yet.
    pub(crate) fn set_shared(&mut self, known: usize, dynamic: usize) {
        for (region, bytes) in [(STATIC_SHARED, known), (DYNAMIC_SHARED, dynamic)] {
            self.regions[region] = Region::variable(Space::Shared, vec![None; bytes]);
        }
    }

    /// The bytes of a variable or a buffer that begins at this address.
    pub(crate) fn bytes_at(&self, begin: u64) -> Vec<u8> {
        let region = (begin >> REGION_BITS) as usize;
        assert_eq!(begin, address(region), "nothing begins at {begin:#x}");
        let bytes = self.regions[region].bytes.iter();
        bytes.map(|byte| byte.unwrap_or_default()).collect()
    }

    /// Reads elements of a place's type, the first in the lowest bits.
    pub(crate) fn read(
        &mut self,
        place: &Place,
        address: u64,
        elements: usize,
        who: Mark,
    ) -> Result<u128, Problem> {
        let (region, offset) = self.find(place, address, elements)?;
        if place.constant && region.logs.is_some() {
            return Err(Problem::NotConstant(address));
        }
        let range = offset..offset + place.ty.bytes() * elements;
        let mut value = 0;
        for (at, byte) in (0_u32..).zip(&region.bytes[range.clone()]) {
            let byte = byte.ok_or_else(|| Problem::UnwrittenByte(address + u64::from(at)))?;
            value |= u128::from(byte) << (8 * at);
        }
        for log in region
            .logs
            .iter_mut()
            .flat_map(|logs| &mut logs[range.clone()])
        {
            log.read(who, address)?;
        }
        Ok(value)
    }

    /// Writes elements of a place's type, the first from the lowest bits.
    pub(crate) fn write(
        &mut self,
        place: &Place,
        address: u64,
        elements: usize,
        value: u128,
        who: Mark,
    ) -> Result<(), Problem> {
        let (region, offset) = self.find(place, address, elements)?;
        let range = offset..offset + place.ty.bytes() * elements;
        let logs = region.logs.as_mut().ok_or(Problem::Constant(address))?;
        for log in &mut logs[range.clone()] {
            log.write(who, address)?;
        }
        for (byte, new) in region.bytes[range].iter_mut().zip(value.to_le_bytes()) {
            *byte = Some(new);
        }
        Ok(())
    }

    /// The region of an access and the offset in it.
    fn find(
        &mut self,
        place: &Place,
        address: u64,
        elements: usize,
    ) -> Result<(&mut Region, usize), Problem> {
        let bytes = place.ty.bytes() * elements;
        if !address.is_multiple_of(bytes as u64) {
            return Err(Problem::Misaligned { address, bytes });
        }
        let size = |number: u64| usize::try_from(number).ok();
        let index = size(address >> REGION_BITS).unwrap_or(usize::MAX);
        let offset = (address % (1 << REGION_BITS)).checked_sub(BEGIN);
        let offset = offset.and_then(size);
        let found = self.regions.get_mut(index).zip(offset);
        found
            .filter(|(region, _)| place.space == Space::Generic || place.space == region.space)
            .filter(|(region, offset)| offset + bytes <= region.bytes.len())
            .ok_or(Problem::OutOfBounds {
                space: place.space,
                address,
                bytes,
            })
    }
}
