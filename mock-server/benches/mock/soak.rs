//! An hour on the mock's clock, which runs sixty times as fast: clients come, talk, lose their
//! connection in every way, come back, read what they missed, and go. What the mock takes may grow
//! while it warms up, and not after.

use std::collections::VecDeque;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use crate::servers::{Role, SPEED, Server};
use crate::wire::{Guest, OAUTH, ask, guest, message, open_socket};

const THREADS: usize = 2;
/// Sockets that each thread holds open at a time.
const HELD: usize = 50;
const SAMPLES: u64 = 12;

/// Clients for so many minutes on the mock's clock.
pub(crate) fn run(minutes: u64) {
    let server = Server::start(Role::Hurried);
    let (is_over, lives) = (AtomicBool::new(false), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| live(server.address, &is_over, &lives));
        }
        for sample in 1..=SAMPLES {
            std::thread::sleep(Duration::from_secs(minutes * 60) / SPEED / SAMPLES as u32);
            show(&server, &format!("after {} min", sample * minutes / SAMPLES), &lives);
        }
        is_over.store(true, Ordering::Relaxed);
    });
    show(&server, "when all are gone", &lives);
    // Last, because an answer with all guests in it takes memory itself.
    let status = ask(server.address, OAUTH, "GET", "/__holdline/status", "");
    println!("guests that are remembered: {}", status.matches("\"gone\":").count());
}

/// What the server takes now.
fn show(server: &Server, when: &str, lives: &AtomicUsize) {
    let lives = lives.load(Ordering::Relaxed);
    let tenants = ask(server.address, OAUTH, "GET", "/__holdline/tenants", "");
    let sockets = tenants.split("\"openSockets\":").nth(1).unwrap();
    let sockets = sockets.split(|c: char| !c.is_ascii_digit()).next().unwrap();
    let (resident, files) = (server.resident_bytes() >> 10, server.files());
    println!("{when}: {lives} clients, {resident} KiB resident, {files} files, {sockets} sockets");
}

/// One client after the other, the oldest of those that are there ending when a new one comes.
fn live(address: SocketAddr, is_over: &AtomicBool, lives: &AtomicUsize) {
    let mut here = VecDeque::new();
    while !is_over.load(Ordering::Relaxed) {
        let number = lives.fetch_add(1, Ordering::Relaxed);
        here.push_back((number, come(address, number)));
        if here.len() > HELD
            && let Some((number, stream)) = here.pop_front()
        {
            end(stream, number);
        }
    }
    for (_, stream) in here {
        end_politely(stream);
    }
}

/// A guest talks, loses its connection, and is back.
fn come(address: SocketAddr, number: usize) -> TcpStream {
    let guest = guest(address);
    let mut socket = open_socket(address, &guest);
    for id in ["m1", "m2", "m3"] {
        say(&mut socket, id);
    }
    agent_says(address, &guest, "hello");
    assert!(frame(&mut socket).contains("hello"));
    end(socket, number);
    agent_says(address, &guest, "are you there");
    let mut socket = open_socket(address, &guest);
    let history = ask(address, &guest.token, "GET", &guest.path("messages?after=1"), "");
    assert!(history.contains("are you there"), "{history}");
    say(&mut socket, "m4");
    socket
}

/// The connection ends in one of the ways in which connections do.
fn end(mut socket: TcpStream, number: usize) {
    match number % 4 {
        0 => end_politely(socket),
        // Without a word.
        1 => drop(socket),
        // In the middle of a frame.
        2 => socket.write_all(&[0x81, 0x94, 0, 0, 0, 0, b'{']).unwrap(),
        // With an answer unread, which makes it a reset.
        _ => {
            socket.write_all(&message("unread")).unwrap();
            socket.peek(&mut [0]).unwrap();
        }
    }
}

fn end_politely(mut socket: TcpStream) {
    socket.write_all(&[0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe8]).unwrap();
    socket.read_to_end(&mut Vec::new()).unwrap();
}

/// Sends a message and reads its acknowledgement.
fn say(socket: &mut TcpStream, id: &str) {
    socket.write_all(&message(id)).unwrap();
    let ack = frame(socket);
    assert!(ack.contains("messageReceived") && ack.contains(id), "{ack}");
}

/// The text of the next frame, which is a short one.
fn frame(socket: &mut TcpStream) -> String {
    let mut head = [0; 2];
    socket.read_exact(&mut head).unwrap();
    let mut length = usize::from(head[1]);
    if length == 126 {
        socket.read_exact(&mut head).unwrap();
        length = usize::from(u16::from_be_bytes(head));
    }
    let mut text = vec![0; length];
    socket.read_exact(&mut text).unwrap();
    String::from_utf8(text).unwrap()
}

fn agent_says(address: SocketAddr, guest: &Guest, text: &str) {
    let body = format!(r#"{{"guest":"{}","text":"{text}"}}"#, guest.id);
    let answer = ask(address, OAUTH, "POST", "/__holdline/agent/say", &body);
    assert!(answer.contains(" 200 "), "{answer}");
}
