//! The number of a subnet.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// A subnet's number. The real chain's metadata names this type too, so clients meet the same wrapper here; it is encoded
/// as the number alone.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
pub struct NetUid(pub u16);

impl NetUid {
    /// The root, where nobody registers.
    pub const ROOT: Self = Self(0);
}
