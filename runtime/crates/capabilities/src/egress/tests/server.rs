//! Which bytes does a misbehaving server send? A TCP server that answers each request with a script.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// What the server does with one request.
#[derive(Clone)]
pub enum Step {
    /// Sends these bytes and goes on with the connection.
    Send(Vec<u8>),
    /// Sends these bytes and closes.
    SendAndClose(Vec<u8>),
    /// Sends these bytes and resets the connection.
    SendAndReset(Vec<u8>),
    /// Sends these bytes and then one `x` each time.
    Drip(Vec<u8>, Duration),
    /// Sends these bytes and then `x` without end.
    Flood(Vec<u8>),
    /// Keeps the request.
    Hold,
}

/// A plain answer.
pub fn answer(status: &str, headers: &str, body: &str) -> Step {
    Step::Send(
        format!(
            "HTTP/1.1 {status}\r\n{headers}content-length: {}\r\n\r\n{body}",
            body.len()
        )
        .into_bytes(),
    )
}

/// A running server.
pub struct Server {
    pub address: SocketAddr,
    connections: Arc<AtomicUsize>,
    requests: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    /// Answers the requests in this order, whatever their connection; further ones are kept without an answer.
    pub async fn script(steps: impl IntoIterator<Item = Step>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let steps = Arc::new(Mutex::new(steps.into_iter().collect::<VecDeque<_>>()));
        let (connections, requests) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(Vec::new())));
        let (counted, logged) = (Arc::clone(&connections), Arc::clone(&requests));
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                counted.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(talk(stream, Arc::clone(&steps), Arc::clone(&logged)));
            }
        });
        Self {
            address,
            connections,
            requests,
            task,
        }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Connections so far.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// Requests so far, head and body.
    pub fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

async fn talk(mut stream: TcpStream, steps: Arc<Mutex<VecDeque<Step>>>, log: Arc<Mutex<Vec<String>>>) {
    while let Some(request) = request(&mut stream).await {
        log.lock().unwrap().push(request);
        let step = steps.lock().unwrap().pop_front().unwrap_or(Step::Hold);
        // Whether the client still listens is what the tests look at from its side.
        match step {
            Step::Send(bytes) => drop(stream.write_all(&bytes).await),
            Step::SendAndClose(bytes) => {
                drop(stream.write_all(&bytes).await);
                return;
            }
            Step::SendAndReset(bytes) => {
                drop(stream.write_all(&bytes).await);
                stream.set_zero_linger().unwrap();
                return;
            }
            Step::Drip(bytes, pause) => {
                drop(stream.write_all(&bytes).await);
                let mut tick = tokio::time::interval(pause);
                while stream.write_all(b"x").await.is_ok() {
                    tick.tick().await;
                }
                return;
            }
            Step::Flood(bytes) => {
                drop(stream.write_all(&bytes).await);
                while stream.write_all(&[b'x'; 4096]).await.is_ok() {}
                return;
            }
            Step::Hold => {
                // Ends when the client goes away.
                drop(stream.read(&mut [0; 1]).await);
                return;
            }
        }
    }
}

/// One request with its body; none when the client is gone.
async fn request(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .to_ascii_lowercase()
                .lines()
                .find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
            if body.len() >= length.unwrap_or(0) {
                return Some(text);
            }
        }
        let mut chunk = [0; 4096];
        match stream.read(&mut chunk).await {
            Ok(length @ 1..) => bytes.extend(&chunk[..length]),
            Ok(0) | Err(_) => return None,
        }
    }
}
