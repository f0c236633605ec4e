//! Frames as bytes.

use std::io::{self, Read, Write};

use serde::{Serialize, de::DeserializeOwned};

use super::{MAX_HEAD, PREFIX};

/// Writes one frame.
///
/// # Errors
/// The writer's; `InvalidData` when the head cannot be encoded.
pub fn write<T: Serialize>(to: &mut impl Write, head: &T, body: &[u8]) -> io::Result<()> {
    to.write_all(&encode(head, body)?)?;
    to.flush()
}

/// One frame as bytes.
///
/// # Errors
/// `InvalidData` when the head cannot be encoded or a part is longer than 4 GiB.
pub fn encode<T: Serialize>(head: &T, body: &[u8]) -> io::Result<Vec<u8>> {
    let mut bytes = front(head, body.len())?;
    bytes.extend_from_slice(body);
    Ok(bytes)
}

/// What stands before a body of this length, which whoever has it writes himself.
///
/// # Errors
/// As [`encode`].
pub fn front<T: Serialize>(head: &T, body: usize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; PREFIX];
    serde_json::to_writer(&mut bytes, head)?;
    let head_len = length(bytes.len() - PREFIX)?;
    bytes[..4].copy_from_slice(&head_len.to_le_bytes());
    bytes[4..8].copy_from_slice(&length(body)?.to_le_bytes());
    Ok(bytes)
}

/// Reads one frame; `max_body` in bytes. `None` at the end of the stream.
///
/// # Errors
/// The reader's; `InvalidData` for a frame that is too long or a head that is not a `T`.
pub fn read<T: DeserializeOwned>(from: &mut impl Read, max_body: usize) -> io::Result<Option<(T, Vec<u8>)>> {
    let mut prefix = [0; PREFIX];
    match from.read(&mut prefix)? {
        0 => return Ok(None),
        n => from.read_exact(&mut prefix[n..])?,
    }
    let (head_len, body_len) = lengths(prefix, max_body)?;
    let mut head = vec![0; head_len];
    from.read_exact(&mut head)?;
    let mut body = vec![0; body_len];
    from.read_exact(&mut body)?;
    Ok(Some((decode(&head)?, body)))
}

/// The lengths of head and body that a frame's first bytes announce.
///
/// # Errors
/// `InvalidData` when one is over its limit.
pub fn lengths(prefix: [u8; PREFIX], max_body: usize) -> io::Result<(usize, usize)> {
    let part = |i: usize| u32::from_le_bytes([prefix[i], prefix[i + 1], prefix[i + 2], prefix[i + 3]]) as usize;
    let (head, body) = (part(0), part(4));
    if head > MAX_HEAD || body > max_body {
        return Err(invalid(format!("a frame of {head} + {body} bytes is over the limit")));
    }
    Ok((head, body))
}

/// A frame's head.
///
/// # Errors
/// `InvalidData` when it is not a `T`.
pub fn decode<T: DeserializeOwned>(head: &[u8]) -> io::Result<T> {
    serde_json::from_slice(head).map_err(|e| invalid(format!("a frame that cannot be read: {e}")))
}

fn length(n: usize) -> io::Result<u32> {
    u32::try_from(n).map_err(|_| invalid(format!("{n} bytes do not fit in a frame")))
}

fn invalid(message: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, message)
}
