//! How do demo and bench speak HTTP to programs on this machine without a heavy client?
//!
//! Plain HTTP/1.1 over one kept-open connection, loopback only by use. Enough for our own server and simulators; TLS,
//! redirects and proxies are out of scope.

use anyhow::{Context, Result, bail};
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// No call to a local program takes longer; a hang must end the task.
const TIMEOUT: Duration = Duration::from_secs(120);
/// The largest answer that is read.
const MAX_BODY: usize = 64 * 1024 * 1024;
/// The longest line in a head.
const MAX_LINE: u64 = 64 * 1024;

/// An answer.
#[derive(Debug, PartialEq, Eq)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// Header names in lower case, with their values.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Response {
    /// The body as JSON.
    pub fn json(&self) -> Result<serde_json::Value> {
        serde_json::from_slice(&self.body).with_context(|| {
            format!(
                "status {}, no JSON: {}",
                self.status,
                String::from_utf8_lossy(&self.body)
            )
        })
    }

    /// The first header of this name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(found, _)| found == name)
            .map(|(_, value)| value.as_str())
    }
}

/// A connection to one server, used for one call after another.
pub struct Connection {
    stream: BufReader<TcpStream>,
    host: String,
}

impl Connection {
    /// Connects to a base URL such as `http://127.0.0.1:9000`.
    pub fn open(url: &str) -> Result<Self> {
        let host = url
            .strip_prefix("http://")
            .with_context(|| format!("{url} is no http URL"))?;
        let host = host.split('/').next().unwrap_or_default().to_owned();
        let stream = TcpStream::connect(&host).with_context(|| format!("cannot connect to {host}"))?;
        stream.set_read_timeout(Some(TIMEOUT))?;
        stream.set_write_timeout(Some(TIMEOUT))?;
        // A request is one small write: waiting to fill a packet would only measure the wait.
        stream.set_nodelay(true)?;
        Ok(Self {
            stream: BufReader::new(stream),
            host,
        })
    }

    /// Sends one request and reads its answer.
    pub fn call(&mut self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Result<Response> {
        let mut request = format!(
            "{method} {path} HTTP/1.1\r\nhost: {}\r\ncontent-length: {}\r\n",
            self.host,
            body.len()
        );
        for (name, value) in headers {
            write!(request, "{name}: {value}\r\n")?;
        }
        request.push_str("\r\n");
        let mut bytes = request.into_bytes();
        bytes.extend_from_slice(body);
        self.stream.get_mut().write_all(&bytes)?;
        read_response(&mut self.stream).with_context(|| format!("{method} http://{}{path}", self.host))
    }
}

/// One call on a connection of its own, with a JSON body when there is one.
pub fn call(method: &str, url: &str, headers: &[(&str, &str)], body: Option<&serde_json::Value>) -> Result<Response> {
    let mut connection = Connection::open(url)?;
    let path = url
        .get("http://".len()..)
        .and_then(|rest| rest.find('/').and_then(|at| rest.get(at..)))
        .unwrap_or("/");
    let mut headers = headers.to_vec();
    let body = match body {
        Some(value) => {
            headers.push(("content-type", "application/json"));
            serde_json::to_vec(value)?
        }
        None => Vec::new(),
    };
    connection.call(method, path, &headers, &body)
}

fn read_response(stream: &mut impl BufRead) -> Result<Response> {
    let head = read_line(stream)?;
    let status = head.split(' ').nth(1).and_then(|code| code.parse().ok());
    let status = status.with_context(|| format!("no HTTP status line: {head:?}"))?;
    let mut headers = Vec::new();
    loop {
        let line = read_line(stream)?;
        if line.is_empty() {
            break;
        }
        let (name, value) = line
            .split_once(':')
            .with_context(|| format!("no HTTP header: {line:?}"))?;
        headers.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
    }
    let mut response = Response {
        status,
        headers,
        body: Vec::new(),
    };
    response.body = if status == 204 || status == 304 {
        Vec::new()
    } else if response.header("transfer-encoding") == Some("chunked") {
        read_chunks(stream)?
    } else {
        let length = response
            .header("content-length")
            .context("an answer without content-length")?
            .parse()?;
        read_exactly(stream, length)?
    };
    Ok(response)
}

fn read_chunks(stream: &mut impl BufRead) -> Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let line = read_line(stream)?;
        let size = line.split(';').next().unwrap_or_default().trim();
        let size = usize::from_str_radix(size, 16).with_context(|| format!("no chunk size: {line:?}"))?;
        body.extend(read_exactly(stream, size)?);
        if body.len() > MAX_BODY {
            bail!("the answer is larger than {MAX_BODY} bytes");
        }
        read_line(stream)?;
        if size == 0 {
            return Ok(body);
        }
    }
}

fn read_exactly(stream: &mut impl BufRead, length: usize) -> Result<Vec<u8>> {
    if length > MAX_BODY {
        bail!("the answer is larger than {MAX_BODY} bytes");
    }
    let mut bytes = vec![0; length];
    stream.read_exact(&mut bytes).context("the answer ended early")?;
    Ok(bytes)
}

fn read_line(stream: &mut impl BufRead) -> Result<String> {
    let mut line = String::new();
    if stream.take(MAX_LINE).read_line(&mut line)? == 0 {
        bail!("the connection was closed before an answer");
    }
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Response> {
        read_response(&mut text.as_bytes())
    }

    #[test]
    fn bodies_are_read_by_length_or_by_chunks() -> Result<()> {
        assert_eq!(read("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokX")?.body, b"ok");
        let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n1;x\r\n!\r\n0\r\n\r\n";
        assert_eq!(read(chunked)?.body, b"ok!");
        assert_eq!(read("HTTP/1.1 204 No Content\r\n\r\n")?.status, 204);
        Ok(())
    }

    #[test]
    fn a_cut_answer_is_an_error_and_not_a_short_body() {
        assert!(read("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nab").is_err());
        assert!(read("").is_err());
    }

    #[test]
    fn a_single_call_sends_its_path_and_json_body() -> Result<()> {
        let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
        let url = format!("http://{}/a?b=c", listener.local_addr()?);
        let server = std::thread::spawn(move || -> Result<(String, Vec<u8>)> {
            let mut stream = BufReader::new(listener.accept()?.0);
            let first = read_line(&mut stream)?;
            while !read_line(&mut stream)?.is_empty() {}
            let body = read_exactly(&mut stream, 7)?;
            stream.get_mut().write_all(b"HTTP/1.1 204 No Content\r\n\r\n")?;
            Ok((first, body))
        });
        assert_eq!(call("POST", &url, &[], Some(&serde_json::json!({"a": 1})))?.status, 204);
        assert_eq!(
            server.join().unwrap()?,
            ("POST /a?b=c HTTP/1.1".to_owned(), b"{\"a\":1}".to_vec())
        );
        Ok(())
    }

    #[test]
    fn one_connection_serves_two_calls() -> Result<()> {
        let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
        let url = format!("http://{}", listener.local_addr()?);
        let server = std::thread::spawn(move || -> Result<Vec<String>> {
            let (stream, _) = listener.accept()?;
            let mut stream = BufReader::new(stream);
            let mut seen = Vec::new();
            for _ in 0..2 {
                seen.push(read_line(&mut stream)?);
                while !read_line(&mut stream)?.is_empty() {}
                stream
                    .get_mut()
                    .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}")?;
            }
            Ok(seen)
        });
        let mut connection = Connection::open(&url)?;
        assert_eq!(connection.call("GET", "/a", &[], b"")?.json()?, serde_json::json!({}));
        assert_eq!(connection.call("GET", "/b", &[("x", "y")], b"")?.status, 200);
        assert_eq!(server.join().unwrap()?, ["GET /a HTTP/1.1", "GET /b HTTP/1.1"]);
        Ok(())
    }
}
