//! A disk that fails at the n-th call.
//!
//! Loaded before a program (`LD_PRELOAD`), the functions here stand in for the system's. They do the
//! same, until the call that was asked for, among those for files below one directory.
//!
//! | variable | |
//! |---|---|
//! | `FAULTY_DISK` | the directory, as an absolute path without links |
//! | `FAULTY_DISK_CALLS` | a file to which a line is added for each call: its name and file |
//! | `FAULTY_DISK_FAILS_AT` | which call fails, counted from 1 |
//! | `FAULTY_DISK_FAILS` | how many calls fail, from that one on |
//! | `FAULTY_DISK_HALF` | if set, a call that fails has done its work, or half of it if it writes |
//! | `FAULTY_DISK_STALLS` | if set, a call that fails does not return instead |
//! | `FAULTY_DISK_ERROR` | what it says, as a number of the system |
//!
//! Linux only.
#![cfg(target_os = "linux")]

mod calls;
mod plan;
