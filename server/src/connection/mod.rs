//! Connections: how many there may be, how long each may take over what it sends, and what it speaks.
//!
//! A client that sends its head slowly, or nothing at all, or that does not take what it is sent, is given up on. Where
//! the server speaks HTTPS, plain HTTP on the same port is told where HTTPS is, and nothing else.

mod crowd;
mod host;
mod idle;
mod patient;

use crate::AppState;
use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::header::{CONNECTION, HOST, HeaderValue, LOCATION};
use axum::http::{Request, Response, StatusCode};
use crowd::Crowd;
use host::{refusal, settle_host};
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use idle::Idleness;
use patient::Patient;
use std::convert::Infallible;
use std::future::ready;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

/// Serves connections until the end is asked for, and then until those in use are done.
pub(crate) async fn serve(listener: TcpListener, router: Router, state: AppState, ending: CancellationToken) {
    let head = state.limits().head;
    let crowd = Crowd::default();
    let server = Arc::new(ServerSide { http1: http1(head), http2: http2(head), router, crowd, state });
    let graceful = GracefulShutdown::new();
    loop {
        let (stream, peer) = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    wait_after(&error).await;
                    continue;
                }
            },
            () = ending.cancelled() => break,
        };
        let Some(place) = server.crowd.enter(peer.ip(), server.state.entrance().is_proxy(peer.ip())) else {
            tracing::debug!(%peer, "there are too many connections");
            continue;
        };
        // Answers are small and somebody waits for them.
        let _ = stream.set_nodelay(true);
        let (server, watcher) = (Arc::clone(&server), graceful.watcher());
        tokio::spawn(async move {
            let _place = place;
            let result = server.speak(stream, peer, watcher).await;
            if let Err(error) = result {
                tracing::debug!(%peer, error, "a connection broke off");
            }
        });
    }
    drop(listener);
    graceful.shutdown().await;
}

struct ServerSide {
    http1: http1::Builder,
    http2: http2::Builder<TokioExecutor>,
    router: Router,
    crowd: Crowd,
    state: AppState,
}

impl ServerSide {
    async fn speak(&self, stream: TcpStream, peer: SocketAddr, watcher: Watcher) -> Result<(), String> {
        let Some(tls) = self.state.certificate().acceptor() else {
            return self.serve(stream, peer, false, watcher).await;
        };
        let mut first = [0];
        let seen =
            tokio::time::timeout(self.head(), stream.peek(&mut first)).await.map_err(|_| "silence".to_owned())?;
        if seen.map_err(|error| error.to_string())? == 0 {
            return Ok(());
        }
        if first != TLS_HANDSHAKE {
            return self.point_to_https(stream).await;
        }
        match tokio::time::timeout(self.head(), tls.accept(stream)).await {
            Ok(Ok(stream)) => {
                // Only TLS says beforehand what is spoken; whoever tells by what they send may also send nothing.
                let is_http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
                self.serve(stream, peer, is_http2, watcher).await
            }
            Ok(Err(error)) => Err(error.to_string()),
            Err(_) => Err("the handshake took too long".to_owned()),
        }
    }

    async fn serve<S>(&self, stream: S, peer: SocketAddr, is_http2: bool, watcher: Watcher) -> Result<(), String>
    where
        S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Send + Unpin + 'static,
    {
        let router = self.router.clone();
        let idleness = Arc::new(Idleness::new());
        let asked = Arc::clone(&idleness);
        let service = service_fn(move |mut request: Request<Incoming>| {
            let settled = settle_host(&mut request);
            request.extensions_mut().insert(ConnectInfo(peer));
            // HTTP/1 ends by itself what is idle.
            let (router, busy) = (router.clone(), is_http2.then(|| asked.begin()));
            async move {
                if let Err(why) = settled {
                    return Ok(refusal(why));
                }
                let response = router.oneshot(request.map(Body::new)).await?;
                Ok::<_, Infallible>(match busy {
                    Some(busy) => response.map(|body| busy.until_end(body)),
                    None => response,
                })
            }
        });
        let io = TokioIo::new(Patient::new(stream, self.state.limits().stalled));
        if is_http2 {
            let connection = watcher.watch(self.http2.serve_connection(io, service));
            tokio::select! {
                result = connection => result.map_err(|error| error.to_string()),
                () = idleness.lasts(self.head()) => Ok(()),
            }
        } else {
            watcher.watch(self.http1.serve_connection(io, service)).await.map_err(|error| error.to_string())
        }
    }

    /// How long a client may take over a head, also over the first byte of it on a connection that was in use.
    fn head(&self) -> Duration {
        self.state.limits().head
    }

    /// Answers plain HTTP with the address of the same thing by HTTPS, and ends the connection.
    async fn point_to_https(&self, stream: TcpStream) -> Result<(), String> {
        let service = service_fn(|request: Request<Incoming>| ready(Ok::<_, Infallible>(https_address(&request))));
        let mut http = hyper::server::conn::http1::Builder::new();
        http.timer(TokioTimer::new()).header_read_timeout(self.head()).keep_alive(false);
        let connection =
            http.serve_connection(TokioIo::new(Patient::new(stream, self.state.limits().stalled)), service);
        match tokio::time::timeout(self.head(), connection).await {
            Ok(result) => result.map_err(|error| error.to_string()),
            Err(_) => Err("silence".to_owned()),
        }
    }
}

fn https_address(request: &Request<Incoming>) -> Response<Body> {
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let host = request.headers().get(HOST).and_then(|host| host.to_str().ok());
    let place = host.and_then(|host| HeaderValue::try_from(format!("https://{host}{path}")).ok());
    let mut response = Response::new(Body::from("This server speaks HTTPS.\n"));
    *response.status_mut() = StatusCode::BAD_REQUEST;
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    // What else was sent has travelled in the clear already; it is not to be sent once more.
    if let Some(place) = place.filter(|_| request.method().is_safe() && path.starts_with('/')) {
        *response.status_mut() = StatusCode::PERMANENT_REDIRECT;
        response.headers_mut().insert(LOCATION, place);
    }
    response
}

fn http1(head: Duration) -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(head).max_buf_size(LARGEST_HEAD);
    builder
}

fn http2(head: Duration) -> http2::Builder<TokioExecutor> {
    let mut builder = http2::Builder::new(TokioExecutor::new());
    builder
        .timer(TokioTimer::new())
        .keep_alive_interval(Some(head))
        .keep_alive_timeout(head)
        .max_concurrent_streams(MOST_STREAMS)
        .max_header_list_size(LARGEST_HEAD as u32);
    builder
}

/// Without more file handles trying again at once would only turn in circles.
async fn wait_after(error: &io::Error) {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    if !matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset) {
        tracing::error!(%error, "no connection can be taken");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// The largest head of a request.
const LARGEST_HEAD: usize = 32 * 1024;

const MOST_STREAMS: u32 = 64;

/// What a connection begins with that speaks TLS.
const TLS_HANDSHAKE: [u8; 1] = [0x16];
