//! What the device must do besides the conformance suite, wherever it runs. The native tests and the
//! page of `tests/web` share this file.

use core::cell::RefCell;
use std::sync::{Arc, Mutex};

use btpow_conformance::{device::challenges, small_effort};
use btpow_core::{
    Candidates, Challenge, Device, DeviceError, Difficulty, Isa, Jobs, Micros, Poll, Position,
    Round, Runner, Scanner, Search, Share, Slot, SlotId, Solver, Step,
};
use btpow_wgpu::{Adapter, Options, Trouble, Tuning, WgpuDevice};
use web_time::Instant;

/// What the tests below ask a device, and everything that it should find.
pub(crate) struct Question {
    pub(crate) jobs: Jobs,
    pub(crate) round: Round,
    expected: Vec<u64>,
}

impl Question {
    /// A round of several dispatches across the end of a group.
    pub(crate) fn new() -> Self {
        let scale = if small_effort() { 1 } else { 8 };
        let round = Round {
            start: Position((9 << 32) - 25_000 * scale),
            len: 50_000 * scale,
        };
        Self::about(challenges(3)[0], round)
    }

    /// A round whose answer has about a hundred hits.
    pub(crate) fn about(challenge: Challenge, round: Round) -> Self {
        let difficulty = Difficulty::new(round.len / 100).expect("not zero");
        let jobs = Jobs::new(&challenge, &difficulty.target());
        let mut expected = Vec::new();
        let isa = Isa::best();
        Scanner::new(jobs).scan(isa, round, &mut |position| expected.push(position.0));
        assert!((50..Candidates::CAPACITY).contains(&expected.len()));
        Self {
            jobs,
            round,
            expected,
        }
    }

    pub(crate) fn check(&self, found: &Candidates, when: &str) {
        assert_eq!(found.overflow(), 0);
        let mut found: Vec<_> = found.positions().iter().map(|it| it.0).collect();
        found.sort_unstable();
        assert_eq!(found, self.expected, "{when}");
    }
}

/// The troubles that a device has reported.
pub(crate) type Notes = Arc<Mutex<Vec<Trouble>>>;

/// Opens a device that writes down its troubles.
pub(crate) async fn noting(adapter: &Adapter) -> (WgpuDevice, Notes) {
    let notes = Notes::default();
    let writer = Arc::clone(&notes);
    let options = Options {
        notify: Arc::new(move |trouble: &Trouble| {
            writer.lock().expect("no panic").push(trouble.clone());
        }),
        ..Options::new("wgpu:0", Tuning::SAFE)
    };
    let device = adapter.open(options).await.expect("the adapter opens");
    (device, notes)
}

/// Polls to the end, or to an error. Calls `disturb` with the number of each poll before it.
pub(crate) async fn finish(
    device: &mut WgpuDevice,
    found: &mut Candidates,
    pause: &impl AsyncFn(),
    disturb: impl Fn(usize, &WgpuDevice),
) -> Result<(), DeviceError> {
    for poll in 0.. {
        disturb(poll, device);
        if device.poll(found)? == Poll::Done {
            break;
        }
        pause().await;
    }
    Ok(())
}

/// A device lost before, during or after the dispatches of a round is reopened, and finds every hit
/// once.
pub(crate) async fn recovers_within_a_round(adapter: &Adapter, pause: &impl AsyncFn()) {
    let question = Question::new();
    for moment in [0, 1, 2, 4] {
        let (mut device, notes) = noting(adapter).await;
        device.load(&question.jobs).expect("an idle device");
        let mut found = Candidates::new();
        device.submit(question.round).expect("an idle device");
        let lose = |poll, device: &WgpuDevice| {
            if poll == moment {
                device.lose();
            }
        };
        let over = finish(&mut device, &mut found, pause, lose).await;
        over.expect("it recovers");
        question.check(&found, &format!("lost before poll {moment}"));
        let notes = notes.lock().expect("no panic");
        assert!(
            matches!(notes.as_slice(), [] | [Trouble::Lost(_)]),
            "{notes:?}"
        );
        assert!(moment > 0 || notes.len() == 1, "nobody noticed the loss");
    }
}

/// A device lost while it had nothing to do recovers.
pub(crate) async fn recovers_between_rounds(adapter: &Adapter, pause: &impl AsyncFn()) {
    let question = Question::new();
    let (mut device, notes) = noting(adapter).await;
    device.lose();
    device.load(&question.jobs).expect("not noticed yet");
    device.submit(question.round).expect("not noticed yet");
    let mut found = Candidates::new();
    let over = finish(&mut device, &mut found, pause, |_, _| {}).await;
    over.expect("it recovers");
    question.check(&found, "lost between rounds");
    assert_eq!(notes.lock().expect("no panic").len(), 1);
}

/// A device lost again at once is given up for good.
pub(crate) async fn is_given_up(adapter: &Adapter, pause: &impl AsyncFn()) {
    let question = Question::new();
    let (mut device, notes) = noting(adapter).await;
    device.load(&question.jobs).expect("an idle device");
    device.submit(question.round).expect("an idle device");
    let mut found = Candidates::new();
    let error = finish(&mut device, &mut found, pause, |_, device| device.lose()).await;
    let lost = DeviceError::Lost {
        code: Trouble::Lost(String::new()).code(),
    };
    assert_eq!(error, Err(lost));
    assert_eq!(notes.lock().expect("no panic").len(), 2);
    assert_eq!(device.load(&question.jobs), Err(lost));
    assert_eq!(device.submit(question.round), Err(lost));
    assert_eq!(device.poll(&mut found), Err(lost));
}

/// A solver around one device, without threads.
struct Page(RefCell<Solver<[Slot; 1]>>);

impl Share for &Page {
    type Slots = [Slot; 1];

    fn with<R>(&self, f: impl FnOnce(&mut Solver<[Slot; 1]>) -> R) -> R {
        f(&mut self.0.borrow_mut())
    }
}

/// Solves a challenge as a page does: self-test, leases, verification. Returns how long each step took.
pub(crate) async fn solves(device: WgpuDevice, pause: &impl AsyncFn()) -> Vec<Micros> {
    let page = Page(RefCell::new(Solver::new([Slot::default()])));
    let search = Search {
        challenge: challenges(5)[0],
        difficulty: Difficulty::new(50_000).expect("not zero"),
        block_number: None,
        start: Position(0),
    };
    page.0.borrow_mut().set_search(search, 0);
    let mut runner = Runner::new(device, SlotId(0));
    let began = Instant::now();
    let clock = || Micros::try_from(began.elapsed().as_micros()).expect("not that long");
    let mut steps = Vec::new();
    loop {
        let before = clock();
        let step = runner.step(&&page, clock);
        steps.push(clock() - before);
        match step {
            Step::Working => pause().await,
            Step::Found(find) => {
                assert_eq!(find.search, search);
                return steps;
            }
            Step::Idle | Step::Dropped(_) => panic!("{step:?}"),
        }
    }
}
