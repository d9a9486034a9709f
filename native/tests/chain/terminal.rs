//! The program at a terminal, with somebody who types.

use core::time::Duration;
use std::{io::Write, process::Command, sync::mpsc, thread, time::Instant};

use portable_pty::{Child, ChildKiller, CommandBuilder, MasterPty, PtySize, native_pty_system};

use super::text::{PATIENCE, Text};

/// A terminal with the program at work. Dropping it kills the program.
pub(crate) struct Terminal {
    shown: Text,
    /// How much of the output the test has waited for.
    seen: usize,
    keyboard: Box<dyn Write + Send>,
    child: Option<Box<dyn Child + Send + Sync>>,
    killer: Box<dyn ChildKiller + Send + Sync>,
    // It is closed last: closing it ends the program.
    screen: Box<dyn MasterPty + Send>,
}

impl Terminal {
    /// Starts the program there.
    pub(crate) fn start(command: &Command) -> Self {
        let size = PtySize {
            cols: 200,
            ..PtySize::default()
        };
        let pty = native_pty_system().openpty(size).expect("a terminal");
        let mut builder = CommandBuilder::new(command.get_program());
        builder.args(command.get_args());
        builder.env_clear();
        for (name, value) in command.get_envs() {
            if let Some(value) = value {
                builder.env(name, value);
            }
        }
        let child = pty
            .slave
            .spawn_command(builder)
            .expect("the program starts");
        Self {
            shown: Text::read(pty.master.try_clone_reader().expect("a screen")),
            seen: 0,
            keyboard: pty.master.take_writer().expect("a keyboard"),
            killer: child.clone_killer(),
            child: Some(child),
            screen: pty.master,
        }
    }

    /// Waits until `words` appear after the output that it waited for before.
    pub(crate) fn shows(&mut self, words: &str) {
        let seen = self.seen;
        let found = self.shown.wait(|text| text[seen..].find(words));
        let place = found.unwrap_or_else(|| {
            panic!("{words:?} was not shown, but:\n{}", self.shown.all());
        });
        self.seen = seen + place + words.len();
    }

    /// Everything that it has shown.
    pub(crate) fn so_far(&self) -> String {
        self.shown.all()
    }

    /// Types a line.
    pub(crate) fn types(&mut self, line: &str) {
        writeln!(self.keyboard, "{line}").expect("somebody reads");
    }

    /// Presses a key with this code, such as 3 for Ctrl-C.
    pub(crate) fn types_key(&mut self, code: u8) {
        self.keyboard.write_all(&[code]).expect("somebody reads");
    }

    /// Types a line as soon as the terminal no longer shows typed text.
    pub(crate) fn types_hidden(&mut self, line: &str) {
        let deadline = Instant::now() + PATIENCE;
        while self.echoes() {
            assert!(
                Instant::now() < deadline,
                "all is shown:\n{}",
                self.shown.all()
            );
            thread::sleep(Duration::from_millis(1));
        }
        self.types(line);
    }

    fn echoes(&self) -> bool {
        let modes = self.screen.get_termios().expect("a terminal");
        // ECHO has this number on every Unix.
        modes.local_flags.bits() & 0o10 != 0
    }

    /// Sends it a signal, by the name that `kill` uses.
    pub(crate) fn signal(&self, name: &str) {
        let id = self.child.as_ref().and_then(|child| child.process_id());
        let id = id.expect("it has not ended yet").to_string();
        let kill = Command::new("kill").args(["-s", name, &id]).status();
        assert!(kill.expect("kill starts").success());
    }

    /// Waits for the program's end. Returns its exit code and all output.
    pub(crate) fn end(mut self) -> (u32, String) {
        let (tell, told) = mpsc::channel();
        let mut child = self.child.take().expect("it has not ended yet");
        thread::spawn(move || tell.send(child.wait()));
        let Ok(status) = told.recv_timeout(PATIENCE) else {
            panic!("it did not end:\n{}", self.shown.all());
        };
        (status.expect("its state").exit_code(), self.shown.whole())
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.killer.kill();
    }
}
