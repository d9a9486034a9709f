//! Reads the sensors of cards now and then, on a thread of its own: a driver may be slow, or hang.

use core::time::Duration;
use std::{sync::Arc, thread};

use super::Board;
use crate::{devices::Choice, rig::RigError};

/// How often the sensors are read: they average over about as long.
const INTERVAL: Duration = Duration::from_secs(2);

/// Stack of the thread, for libraries of drivers.
const STACK: usize = 1 << 20;

/// Reads the sensors until the board is gone.
///
/// # Errors
///
/// [`RigError::Thread`] when the system gives no thread.
pub(super) fn read(board: &Board, devices: &Arc<Choice>) -> Result<(), RigError> {
    let (board, devices) = (board.weak(), Arc::clone(devices));
    thread::Builder::new()
        .name("sensors".to_owned())
        .stack_size(STACK)
        .spawn(move || {
            while let Some(board) = board.get() {
                let rows = board.rows();
                // The threads of the CPU have none.
                if rows.iter().any(|row| row.listed.kind != "cpu") {
                    board.sense(devices.sensors(&rows));
                }
                drop(board);
                thread::sleep(INTERVAL);
            }
        })
        .map_err(RigError::Thread)?;
    Ok(())
}
