//! Where memory comes from.

use lol_alloc::{FreeListAllocator, LockedAllocator};

/// A list of free blocks: 6 kB smaller than the allocator of `std`, and no slower, since only a few dozen allocations are
/// alive at a time.
#[global_allocator]
static MEMORY: LockedAllocator<FreeListAllocator> = LockedAllocator::new(FreeListAllocator::new());
