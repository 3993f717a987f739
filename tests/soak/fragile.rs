//! A listener that takes some connections only to reset them.

use crate::vendor::Shared;
use axum::serve::Listener;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpStream};

/// A listener that resets some connections after it has read something.
pub(crate) struct Fragile {
    pub(crate) listener: TcpListener,
    pub(crate) shared: Arc<Shared>,
}

impl Listener for Fragile {
    type Io = TcpStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (TcpStream, SocketAddr) {
        loop {
            let (stream, address) = Listener::accept(&mut self.listener).await;
            if !self.shared.dice().chance(RESET_PERCENT) {
                return (stream, address);
            }
            self.shared.count("connection reset");
            tokio::spawn(reset(stream));
        }
    }

    fn local_addr(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

async fn reset(mut stream: TcpStream) {
    // Whoever is reset does not care why reading or closing failed.
    let _ = stream.read(&mut [0; 64]).await;
    let _ = stream.set_zero_linger();
}

const RESET_PERCENT: u64 = 3;
