//! Who gives way to a new key on a full subnet. There are no emissions here, so the oldest does.

use alloc::vec::Vec;

use sp_runtime::AccountId32;

use crate::{
    BlockAtRegistration, Config, ImmuneOwnerUidsLimit, ImmunityPeriod, Keys, MinNonImmuneUids,
    NetUid, Owner, Pallet, SubnetOwner, SubnetOwnerHotkey, SubnetworkN, Uids,
};

/// Since when a UID has been there, and the UID: the lowest gives way first.
type Age = (u64, u16);

impl<T: Config> Pallet<T> {
    /// The UID that gives way, if one does.
    pub(crate) fn neuron_to_prune(netuid: NetUid) -> Option<u16> {
        let kept = Self::immortal_hotkeys(netuid);
        let now = Self::now();
        let immunity = u64::from(ImmunityPeriod::<T>::get(netuid));
        let (mut immune, mut mature) = (Vec::<Age>::new(), Vec::<Age>::new());
        for uid in 0..SubnetworkN::<T>::get(netuid) {
            match Keys::<T>::try_get(netuid, uid) {
                Ok(hotkey) if !kept.contains(&hotkey) => {}
                _ => continue,
            }
            let since = BlockAtRegistration::<T>::get(netuid, uid);
            if now.saturating_sub(since) < immunity {
                immune.push((since, uid));
            } else {
                mature.push((since, uid));
            }
        }
        let oldest = |of: &[Age]| of.iter().min().map(|(_, uid)| *uid);
        if mature.len() > usize::from(MinNonImmuneUids::<T>::get(netuid)) {
            oldest(&mature)
        } else {
            oldest(&immune)
        }
    }

    /// The keys of the subnet's owner that never give way: its own hotkey, and those that have been there longest.
    fn immortal_hotkeys(netuid: NetUid) -> Vec<AccountId32> {
        let owner = SubnetOwner::<T>::get(netuid);
        let mut owned = Vec::new();
        for uid in 0..SubnetworkN::<T>::get(netuid) {
            if let Ok(hotkey) = Keys::<T>::try_get(netuid, uid)
                && Owner::<T>::try_get(&hotkey).as_ref() == Ok(&owner)
            {
                let since = BlockAtRegistration::<T>::get(netuid, uid);
                owned.push(((since, uid), hotkey));
            }
        }
        owned.sort();
        let mut kept: Vec<_> = owned.into_iter().map(|(_, hotkey)| hotkey).collect();
        let limit = ImmuneOwnerUidsLimit::<T>::get(netuid).into();
        kept.truncate(limit);
        let own = SubnetOwnerHotkey::<T>::get(netuid);
        if Uids::<T>::contains_key(netuid, &own) && !kept.contains(&own) {
            kept.insert(0, own);
            kept.truncate(limit);
        }
        kept
    }
}
