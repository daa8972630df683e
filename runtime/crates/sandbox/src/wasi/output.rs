//! Where does a guest's standard output go? Line by line into the run's log.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use synapse_domain::limits;
use tokio::io::AsyncWrite;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamResult};

/// Which of the two streams a line came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    /// Standard output.
    Out,
    /// Standard error.
    Err,
}

/// Takes a line without its end, at most `LOG_TEXT_BYTES` of the guest's bytes (longer lines come in pieces), as text: what
/// is not UTF-8 is replaced, nothing is escaped. The run's log bounds the number of lines.
pub type Sink = Box<dyn FnMut(Stream, &str) + Send>;

/// Both streams of one attempt.
#[derive(Clone)]
pub(super) struct Output(Arc<Mutex<Lines>>);

struct Lines {
    sink: Sink,
    out: Vec<u8>,
    err: Vec<u8>,
}

impl Output {
    pub(super) fn new(sink: Sink) -> Self {
        Self(Arc::new(Mutex::new(Lines {
            sink,
            out: Vec::new(),
            err: Vec::new(),
        })))
    }

    /// One of the streams. A guest may open it any number of times; all write into the same line.
    pub(super) fn stream(&self, stream: Stream) -> Writer {
        Writer {
            output: self.clone(),
            stream,
        }
    }

    pub(super) fn flush(&self) {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for stream in [Stream::Out, Stream::Err] {
            if !lines.pending(stream).is_empty() {
                lines.end_line(stream);
            }
        }
    }

    fn write(&self, stream: Stream, bytes: &[u8]) {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for byte in bytes {
            if *byte == b'\n' {
                lines.end_line(stream);
            } else {
                lines.pending(stream).push(*byte);
                if lines.pending(stream).len() >= limits::LOG_TEXT_BYTES {
                    lines.end_line(stream);
                }
            }
        }
    }
}

impl Lines {
    fn pending(&mut self, stream: Stream) -> &mut Vec<u8> {
        match stream {
            Stream::Out => &mut self.out,
            Stream::Err => &mut self.err,
        }
    }

    fn end_line(&mut self, stream: Stream) {
        let line = std::mem::take(self.pending(stream));
        let line = line.strip_suffix(b"\r").unwrap_or(&line);
        (self.sink)(stream, &String::from_utf8_lossy(line));
    }
}

pub(super) struct Writer {
    output: Output,
    stream: Stream,
}

impl IsTerminal for Writer {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for Writer {
    /// WASI 0.2 does not use it.
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(tokio::io::sink())
    }

    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.output.stream(self.stream))
    }
}

#[async_trait::async_trait]
impl OutputStream for Writer {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        self.output.write(self.stream, &bytes);
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(limits::LOG_BYTES)
    }
}

#[async_trait::async_trait]
impl Pollable for Writer {
    async fn ready(&mut self) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn row_11_output_comes_in_bounded_lines_per_stream() {
        let lines: Arc<Mutex<Vec<(Stream, String)>>> = Arc::default();
        let into = Arc::clone(&lines);
        let output = Output::new(Box::new(move |stream, line| {
            into.lock().unwrap().push((stream, line.to_owned()));
        }));
        let mut first = output.stream(Stream::Out).p2_stream();
        let mut second = output.stream(Stream::Out).p2_stream();
        first.write(Bytes::from_static(b"one ")).unwrap();
        second.write(Bytes::from_static(b"line\r\n\xff")).unwrap();
        output
            .stream(Stream::Err)
            .p2_stream()
            .write(Bytes::from(vec![b'x'; limits::LOG_TEXT_BYTES + 1]))
            .unwrap();
        output.flush();
        output.flush();
        let seen = lines.lock().unwrap().clone();
        let expected = [
            (Stream::Out, "one line".to_owned()),
            (Stream::Err, "x".repeat(limits::LOG_TEXT_BYTES)),
            (Stream::Out, "\u{fffd}".to_owned()),
            (Stream::Err, "x".to_owned()),
        ];
        assert_eq!(seen, expected);
    }
}
