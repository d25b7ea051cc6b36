//! An HTTP server on loopback that counts, and that fails on demand.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Component, Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;
use std::{fs, io};

/// What the server does wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Answers with this HTTP status.
    Status(u16),
    /// Promises the whole file and closes the connection after this many bytes.
    Truncate(usize),
    /// Closes the connection without an answer.
    HangUp,
    /// Waits before it answers.
    Delay(Duration),
}

#[derive(Debug, Default)]
struct Book {
    requests: BTreeMap<String, usize>,
    faults: BTreeMap<String, Fault>,
}

/// Serves one directory over HTTP on a free port of 127.0.0.1, until dropped.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    book: Arc<Mutex<Book>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Starts serving.
    ///
    /// # Panics
    /// When no port is free.
    pub fn new(directory: &Path) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port on loopback");
        let address = listener.local_addr().expect("address of the socket");
        let (book, stop) = (Arc::new(Mutex::new(Book::default())), Arc::new(AtomicBool::new(false)));
        let (shared, stopped, directory) = (Arc::clone(&book), Arc::clone(&stop), directory.to_owned());
        let thread = thread::spawn(move || {
            for stream in listener
                .incoming()
                .flatten()
                .take_while(|_| !stopped.load(Ordering::SeqCst))
            {
                let (shared, directory) = (Arc::clone(&shared), directory.clone());
                // A client that went away is the client's business.
                thread::spawn(move || drop(serve(stream, &directory, &shared)));
            }
        });
        Self {
            address,
            book,
            stop,
            thread: Some(thread),
        }
    }

    /// `http://127.0.0.1:PORT`
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// How often paths that contain `part` were asked for.
    pub fn requests(&self, part: &str) -> usize {
        let book = self.book.lock().unwrap_or_else(PoisonError::into_inner);
        book.requests
            .iter()
            .filter(|(path, _)| path.contains(part))
            .map(|(_, count)| count)
            .sum()
    }

    /// From now on does `fault` for paths that contain `part`.
    pub fn fail(&self, part: &str, fault: Fault) {
        self.book
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .faults
            .insert(part.into(), fault);
    }

    /// Works properly again.
    pub fn recover(&self) {
        self.book.lock().unwrap_or_else(PoisonError::into_inner).faults.clear();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        // Wakes the thread out of accept.
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Answers requests on one connection until it is closed.
fn serve(stream: TcpStream, directory: &Path, book: &Mutex<Book>) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut writer = stream.try_clone()?;
    let mut reader = BufReader::new(stream);
    while let Some((method, path)) = read_request(&mut reader)? {
        match note(book, &path) {
            Some(Fault::HangUp) => return Ok(()),
            Some(Fault::Status(status)) => respond(&mut writer, status, b"", false)?,
            Some(Fault::Truncate(length)) => return truncated(&mut writer, directory, &path, length),
            Some(Fault::Delay(time)) => {
                thread::sleep(time);
                answer(&mut writer, directory, &path, method == "HEAD")?;
            }
            None => answer(&mut writer, directory, &path, method == "HEAD")?,
        }
    }
    Ok(())
}

/// Method and path of the next request; its headers are read over, because whole files are all that is served.
fn read_request(reader: &mut impl BufRead) -> io::Result<Option<(String, String)>> {
    let mut request = String::new();
    if reader.read_line(&mut request)? == 0 {
        return Ok(None);
    }
    let mut header = String::new();
    while reader.read_line(&mut header)? > 2 {
        header.clear();
    }
    let mut words = request.split_whitespace().map(str::to_owned);
    Ok(words.next().zip(words.next()))
}

fn note(book: &Mutex<Book>, path: &str) -> Option<Fault> {
    let mut book = book.lock().unwrap_or_else(PoisonError::into_inner);
    *book.requests.entry(path.to_owned()).or_default() += 1;
    book.faults
        .iter()
        .find(|(part, _)| path.contains(part.as_str()))
        .map(|(_, fault)| *fault)
}

fn answer(writer: &mut impl Write, directory: &Path, path: &str, head: bool) -> io::Result<()> {
    match read(directory, path) {
        Some(content) => respond(writer, 200, &content, head),
        None => respond(writer, 404, b"", head),
    }
}

fn truncated(writer: &mut impl Write, directory: &Path, path: &str, length: usize) -> io::Result<()> {
    let content = read(directory, path).unwrap_or_default();
    write!(writer, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", content.len())?;
    writer.write_all(&content[..length.min(content.len())])
}

fn respond(writer: &mut impl Write, status: u16, content: &[u8], head: bool) -> io::Result<()> {
    let mut response = format!("HTTP/1.1 {status} -\r\nContent-Length: {}\r\n\r\n", content.len()).into_bytes();
    if !head {
        response.extend_from_slice(content);
    }
    writer.write_all(&response)
}

/// The file of a request; nothing outside the directory is served.
fn read(directory: &Path, path: &str) -> Option<Vec<u8>> {
    let path = decode(path.split('?').next()?)?;
    let relative: PathBuf = Path::new(&path).strip_prefix("/").ok()?.into();
    let inside = relative
        .components()
        .all(|component| matches!(component, Component::Normal(_)));
    if inside {
        fs::read(directory.join(relative)).ok()
    } else {
        None
    }
}

/// Undoes percent-encoding.
fn decode(path: &str) -> Option<String> {
    let mut parts = path.split('%');
    let mut bytes = parts.next()?.as_bytes().to_vec();
    for part in parts {
        bytes.push(u8::from_str_radix(part.get(..2)?, 16).ok()?);
        bytes.extend_from_slice(&part.as_bytes()[2..]);
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    fn get(server: &Server, path: &str) -> String {
        let mut stream = TcpStream::connect(server.address).expect("connect");
        write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\n\r\n").expect("send");
        stream.shutdown(std::net::Shutdown::Write).expect("end of request");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("receive");
        answer
    }

    #[test]
    fn serves_counts_and_fails() {
        let directory = crate::directory();
        fs::write(directory.path().join("a b"), "content").expect("write");
        let server = Server::new(directory.path());
        assert!(get(&server, "/a%20b").ends_with("\r\n\r\ncontent"));
        assert!(get(&server, "/../a%20b").starts_with("HTTP/1.1 404"));
        server.fail("a", Fault::Truncate(3));
        assert!(get(&server, "/a%20b").ends_with("Content-Length: 7\r\n\r\ncon"));
        server.recover();
        server.fail("a", Fault::Status(503));
        assert!(get(&server, "/a%20b").starts_with("HTTP/1.1 503"));
        assert_eq!(server.requests("a%20b"), 4);
    }
}
