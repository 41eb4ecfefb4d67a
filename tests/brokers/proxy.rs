//! A TCP proxy that cuts connections in their middle, or lets them fall silent, as a network does.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

/// Stands between clients and a server until the process ends.
pub struct Proxy {
    pub port: u16,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    /// Bytes that went towards the server, over all connections.
    sent: AtomicU64,
    /// At so many of them the connection that carries them is cut, once.
    cut_at: AtomicU64,
    cuts: AtomicU64,
    /// Cut connections stay open and carry nothing more, either way.
    silently: AtomicBool,
}

const NEVER: u64 = u64::MAX;

impl Proxy {
    /// At a port of its own where `port` is 0.
    pub fn start(port: u16, server: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).expect("the port is free");
        let port = listener.local_addr().expect("an address").port();
        let state = Arc::new(State { cut_at: AtomicU64::new(NEVER), ..State::default() });
        let proxy = Self { port, state: Arc::clone(&state) };
        let accept = move || {
            for client in listener.incoming().flatten() {
                let Ok(server) = TcpStream::connect(("127.0.0.1", server)) else { continue };
                let copies = (client.try_clone(), server.try_clone());
                let (Ok(from_client), Ok(from_server)) = copies else { continue };
                let (counted, silent) = (Arc::clone(&state), Arc::new(AtomicBool::new(false)));
                let both = Arc::clone(&silent);
                named(move || pump(from_client, server, Some(&counted), &silent));
                named(move || pump(from_server, client, None, &both));
            }
        };
        named(accept);
        proxy
    }

    /// The connection that carries the next `bytes` towards the server is cut behind them, within a frame or not.
    pub fn cut_after(&self, bytes: u64) {
        let sent = self.state.sent.load(Ordering::SeqCst);
        self.state.cut_at.store(sent + bytes, Ordering::SeqCst);
    }

    /// As [`Self::cut_after`], but nobody is told: the connection stays open and says nothing any more.
    pub fn silence_after(&self, bytes: u64) {
        self.state.silently.store(true, Ordering::SeqCst);
        self.cut_after(bytes);
    }

    /// Bytes that went towards the server so far.
    pub fn sent(&self) -> u64 {
        self.state.sent.load(Ordering::SeqCst)
    }

    pub fn cuts(&self) -> u64 {
        self.state.cuts.load(Ordering::SeqCst)
    }
}

fn named(work: impl FnOnce() + Send + 'static) {
    thread::Builder::new().name("proxy".to_owned()).spawn(work).expect("a thread");
}

fn pump(mut from: TcpStream, mut to: TcpStream, counted: Option<&State>, silent: &AtomicBool) {
    let mut buf = [0; 4096];
    while let Ok(n @ 1..) = from.read(&mut buf) {
        let mut part = &buf[..n];
        let mut cut = false;
        if let Some(state) = counted {
            let before = state.sent.fetch_add(n as u64, Ordering::SeqCst);
            let at = state.cut_at.load(Ordering::SeqCst);
            if at < before + n as u64
                && state.cut_at.compare_exchange(at, NEVER, Ordering::SeqCst, Ordering::SeqCst).is_ok()
            {
                part = &buf[..usize::try_from(at.saturating_sub(before)).expect("at most 4096").min(n)];
                cut = true;
                if state.silently.swap(false, Ordering::SeqCst) {
                    silent.store(true, Ordering::SeqCst);
                }
                state.cuts.fetch_add(1, Ordering::SeqCst);
            }
        }
        let is_silent = silent.load(Ordering::SeqCst);
        if is_silent && !cut {
            continue;
        }
        if to.write_all(part).is_err() || cut && !is_silent {
            break;
        }
    }
    // Both ways at once: nobody says goodbye.
    for stream in [&from, &to] {
        let _ = stream.shutdown(Shutdown::Both);
    }
}
