//! Where memory comes from.

use lol_alloc::{FreeListAllocator, LockedAllocator};

/// A list of what is free: 6 kB less than the allocator of `std`, and no slower, as there are some dozens of allocations at a
/// time.
#[global_allocator]
static MEMORY: LockedAllocator<FreeListAllocator> = LockedAllocator::new(FreeListAllocator::new());
