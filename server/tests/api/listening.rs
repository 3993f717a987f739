//! A program beside ours that has to be told on which port it is to listen, because it does not tell which one it took.

use crate::waiting::wait_for;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};

/// It listens on a port of this machine, and ends with the test.
pub(crate) struct Listening {
    process: Child,
    pub(crate) port: u16,
}

impl Listening {
    /// Starts it on a port that is free. If somebody else takes that first, the program ends, and is started on another.
    pub(crate) async fn start(command: impl Fn(u16) -> Command) -> Self {
        for _ in 0..5 {
            let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
            let port = free.local_addr().expect("an address").port();
            drop(free);
            let mut command = command(port);
            let process = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
            let process = process.unwrap_or_else(|error| {
                let program = command.get_program().display();
                panic!("{program} does not start: {error}; `cargo xtask test` installs what tests need")
            });
            let mut program = Self { process, port };
            if wait_for("the program listens or ends", || std::future::ready(program.listens())).await {
                return program;
            }
        }
        panic!("the program ends as soon as it has started");
    }

    /// Whether it does, once that is known.
    fn listens(&mut self) -> Option<bool> {
        let ended = self.process.try_wait().expect("a process").map(|_| false);
        ended.or_else(|| TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).is_ok().then_some(true))
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
