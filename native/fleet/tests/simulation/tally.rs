//! What happened in all schedules: their faults have to happen, and their checks to check something.

/// What happened in a schedule: that its faults happen, and that its checks check something.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) finds: u64,
    pub(crate) covered: u64,
    /// Of these, those that were found without a connection.
    pub(crate) apart: u64,
    pub(crate) forged: u64,
    pub(crate) guided: u64,
    pub(crate) submissions: u64,
    pub(crate) kills: u64,
    pub(crate) faults: u64,
    pub(crate) cut_off: u64,
    pub(crate) steady: u64,
    pub(crate) registered: u64,
    /// Finds for a second goal that reached whom they should.
    pub(crate) second: u64,
    /// How often a rig had to wait since there were enough.
    pub(crate) full: u64,
    /// How often two coordinators asked different difficulties of one block.
    pub(crate) differ: u64,
    /// Calls that failed in their block, and registrations that were undone.
    pub(crate) failed: u64,
    pub(crate) undone: u64,
}

impl Tally {
    pub(crate) const fn add(&mut self, other: &Self) {
        self.finds += other.finds;
        self.covered += other.covered;
        self.apart += other.apart;
        self.forged += other.forged;
        self.guided += other.guided;
        self.submissions += other.submissions;
        self.kills += other.kills;
        self.faults += other.faults;
        self.cut_off += other.cut_off;
        self.steady += other.steady;
        self.registered += other.registered;
        self.second += other.second;
        self.full += other.full;
        self.differ += other.differ;
        self.failed += other.failed;
        self.undone += other.undone;
    }

    /// Whether so many schedules have tried what they are there to try.
    pub(crate) fn check(&self, schedules: u64) {
        assert_eq!(self.registered, schedules);
        assert!(self.finds > 5 * schedules, "{self:?}");
        assert!(self.covered > schedules, "{self:?}");
        assert!(self.apart > schedules / 50, "{self:?}");
        assert!(self.forged > schedules / 4, "{self:?}");
        assert!(self.guided > schedules, "{self:?}");
        assert!(self.submissions > schedules, "{self:?}");
        assert!(self.kills > schedules / 2, "{self:?}");
        assert!(self.faults > 2 * schedules, "{self:?}");
        assert!(self.steady > schedules / 4, "{self:?}");
        assert!(self.second > schedules / 2, "{self:?}");
        assert!(self.full > schedules, "{self:?}");
        assert!(self.differ > schedules / 2, "{self:?}");
        assert!(self.failed > schedules / 20, "{self:?}");
        assert!(self.undone > schedules / 10, "{self:?}");
    }
}
