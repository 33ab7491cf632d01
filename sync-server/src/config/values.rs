//! The values that options take, from the text that somebody has written.

use super::Algorithm;
use crate::space::{MinFree, MinFreeError};
use std::ffi::OsStr;
use std::net::SocketAddr;
use std::time::Duration;

pub fn text(value: &OsStr) -> Result<&str, String> {
    value.to_str().ok_or_else(|| format!("{value:?} is no text"))
}

pub fn address(value: &OsStr) -> Result<SocketAddr, String> {
    let text = text(value)?;
    let address = text.replace("localhost", "127.0.0.1").parse();
    address.map_err(|_| format!("{text:?} is no address; one looks like 127.0.0.1:3030"))
}

pub fn amount(value: &OsStr) -> Result<MinFree, String> {
    let text = text(value)?;
    if text == "256M and 2%" {
        return Ok(MinFree::default());
    }
    text.parse().map_err(|error: MinFreeError| format!("{text:?}: {error}"))
}

pub fn bytes(value: &OsStr) -> Result<usize, String> {
    let text = text(value)?;
    let wrong = || format!("{text:?} is no number of bytes; one looks like 65536 or 64K");
    match text.parse() {
        Ok(MinFree { bytes, percent: 0 }) => usize::try_from(bytes).map_err(|_| wrong()),
        _ => Err(wrong()),
    }
}

pub fn count(value: &OsStr) -> Result<usize, String> {
    let text = text(value)?;
    let count = text.parse().ok().filter(|count| *count > 0);
    count.ok_or_else(|| format!("{text:?} is no number from 1 on"))
}

pub fn switch(value: &OsStr) -> Result<bool, String> {
    let text = text(value)?;
    text.parse().map_err(|_| format!("it is true or false, not {text:?}"))
}

pub fn algorithms(text: &str) -> Result<Vec<Algorithm>, String> {
    let named = text.split(',').map(|name| name.trim().parse());
    let named: Vec<Algorithm> = named.collect::<Result<_, _>>()?;
    let secrets = named.iter().filter(|algorithm| algorithm.is_secret()).count();
    match secrets == 0 || secrets == named.len() {
        true => Ok(named),
        false => Err(format!("{text:?} mixes public keys and secrets; choose one of both")),
    }
}

/// A bare number is refused: whoever writes one may mean milliseconds.
pub fn time(value: &OsStr) -> Result<Duration, String> {
    let text = text(value)?;
    let wrong = || format!("{text:?} is no time; one looks like 500ms, 30s or 5m");
    let units = [("ms", 1), ("s", 1000), ("m", 60 * 1000)];
    let unit = units.iter().find_map(|(unit, ms)| Some((text.strip_suffix(unit)?, *ms)));
    let (number, ms) = unit.ok_or_else(wrong)?;
    let number: u32 = number.parse().map_err(|_| wrong())?;
    let time = Duration::from_millis(u64::from(number) * ms);
    if time.is_zero() { Err(wrong()) } else { Ok(time) }
}
