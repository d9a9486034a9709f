//! The screen of `btpow top`: takes it, and gives it back.

use core::time::Duration;
use std::{
    io,
    sync::mpsc::{self, Receiver, Sender},
    thread,
};

use ratatui::{
    DefaultTerminal,
    crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers},
};

use super::{
    client::{Client, Unanswered},
    draw::{self, Look},
    view::{Pane, Status, View},
};
use crate::{
    environment::Environment,
    exit::{Exit, Failure},
    signals::{Request, Signal, Signals},
};

/// How often the search is asked.
const INTERVAL: Duration = Duration::from_secs(1);

/// How long a key waits at most while an answer is taken.
const LOOK: Duration = Duration::from_millis(50);

/// How many goals or rigs a key for pages moves on.
const PAGE: usize = 10;

/// What happened.
enum News {
    Status(Box<Result<Status, Unanswered>>),
    Signal(Signal),
}

/// Shows the search until a key or a signal ends it.
pub(super) fn show(
    client: &Client,
    first: Status,
    environment: &Environment,
) -> Result<Exit, Failure> {
    let look = Look {
        color: environment.color,
        unicode: environment.unicode,
    };
    let mut view = View::new(client.address().to_string(), first);
    let (tell, news) = mpsc::channel();
    let of_signals = tell.clone();
    let _signals = Signals::forward(move |request| {
        if let Request::End(signal) = request {
            if signal == Signal::HangUp {
                // Of a terminal that is gone nothing is given back, and its reader may never return.
                let code = Exit::Interrupted(signal).code();
                signal_hook::low_level::exit(code.into());
            }
            // Nobody listens any more once the screen is given back.
            let _ = of_signals.send(News::Signal(signal));
        }
    })?;
    thread::scope(|scope| {
        let (quit, quits) = mpsc::channel();
        scope.spawn(move || ask(client, &tell, &quits));
        let mut terminal = ratatui::try_init().map_err(Failure::Screen)?;
        let ended = follow(&mut terminal, &mut view, &news, look);
        let restored = ratatui::try_restore();
        drop(quit);
        let exit = ended.map_err(Failure::Screen)?;
        restored.map_err(Failure::Screen)?;
        Ok(exit)
    })
}

/// Asks again and again, until nobody wants to know.
fn ask(client: &Client, tell: &Sender<News>, quits: &Receiver<()>) {
    while let Err(mpsc::RecvTimeoutError::Timeout) = quits.recv_timeout(INTERVAL) {
        if tell.send(News::Status(Box::new(client.ask()))).is_err() {
            return;
        }
    }
}

fn follow(
    terminal: &mut DefaultTerminal,
    view: &mut View,
    news: &Receiver<News>,
    look: Look,
) -> io::Result<Exit> {
    let mut is_new = true;
    loop {
        if is_new {
            terminal.draw(|frame| draw::draw(frame, view, look))?;
            is_new = false;
        }
        if event::poll(LOOK)? {
            match event::read()? {
                Event::Key(key) if quits(key) => return Ok(Exit::Success),
                Event::Key(key) if scrolls(key, view) => is_new = true,
                Event::Resize(..) => is_new = true,
                _ => {}
            }
        }
        for news in news.try_iter() {
            is_new = true;
            match news {
                News::Signal(signal) => return Ok(Exit::Interrupted(signal)),
                News::Status(status) => match *status {
                    Ok(status) => view.take(status),
                    Err(error) => view.lost = Some(error.to_string()),
                },
            }
        }
    }
}

/// Moves on to other goals or rigs, if a key says so. Drawing keeps to those that there are.
fn scrolls(key: KeyEvent, view: &mut View) -> bool {
    if key.code == KeyCode::Tab && key.kind == KeyEventKind::Press {
        view.pane = match view.pane {
            Pane::Goals => Pane::Rigs,
            Pane::Rigs => Pane::Goals,
        };
        return true;
    }
    let first = view.first();
    *first = match key.code {
        _ if key.kind == KeyEventKind::Release => return false,
        KeyCode::Up | KeyCode::Char('k') => first.saturating_sub(1),
        KeyCode::Down | KeyCode::Char('j') => first.saturating_add(1),
        KeyCode::PageUp => first.saturating_sub(PAGE),
        KeyCode::PageDown => first.saturating_add(PAGE),
        KeyCode::Home => 0,
        KeyCode::End => usize::MAX,
        _ => return false,
    };
    true
}

/// Whether a key ends it.
fn quits(key: KeyEvent) -> bool {
    let is_ctrl_c = key.code == KeyCode::Char('c') && key.modifiers.contains(KeyModifiers::CONTROL);
    key.kind == KeyEventKind::Press
        && (matches!(key.code, KeyCode::Char('q') | KeyCode::Esc) || is_ctrl_c)
}
