//! The calls that can fail: those with which Rust's standard library and sled use files.

#![allow(
    clippy::missing_safety_doc,
    reason = "each has the contract of the function it stands for"
)]

use crate::plan::{Fate, for_file, for_path, for_reading};
use libc::{
    AT_FDCWD, c_char, c_int, c_long, c_uint, c_void, mode_t, off64_t, size_t, ssize_t, syscall,
};

/// Has the kernel do it, or half of it, or says that it failed.
fn answer(fate: Fate, whole: impl FnOnce() -> c_long, half: impl FnOnce() -> c_long) -> c_long {
    let error = match fate {
        Fate::Works => return whole(),
        Fate::Fails(error) => error,
        Fate::FailsAfter(error) => {
            half();
            error
        }
    };
    // SAFETY: the place of this thread's error is always there.
    unsafe { *libc::__errno_location() = error };
    -1
}

/// A call whose half is the whole.
fn answer_whole(fate: Fate, call: impl Fn() -> c_long) -> c_long {
    answer(fate, &call, &call)
}

/// Fails if it is its turn.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn read(file: c_int, buffer: *mut c_void, count: size_t) -> ssize_t {
    // SAFETY: only asks where the file is; what has no place, like a socket, says -1.
    let at = unsafe { syscall(libc::SYS_lseek, c_long::from(file), 0_i64, libc::SEEK_CUR) };
    let fate = if at < 0 { Fate::Works } else { for_reading("read", file, at, count) };
    // SAFETY: the caller's promise about the buffer; half of it is in it.
    let call =
        |count: size_t| unsafe { syscall(libc::SYS_read, c_long::from(file), buffer, count) };
    answer(fate, || call(count), || call(count / 2)) as ssize_t
}

/// Fails if it is its turn.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pread64(
    file: c_int,
    buffer: *mut c_void,
    count: size_t,
    at: off64_t,
) -> ssize_t {
    let number = c_long::from(file);
    // SAFETY: the caller's promise about the buffer; half of it is in it.
    let call = |count: size_t| unsafe { syscall(libc::SYS_pread64, number, buffer, count, at) };
    answer(for_reading("pread64", file, at, count), || call(count), || call(count / 2)) as ssize_t
}

/// Fails if it is its turn.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn write(file: c_int, buffer: *const c_void, count: size_t) -> ssize_t {
    let number = c_long::from(file);
    // SAFETY: the caller's promise about the buffer; half of it is in it.
    let call = |count: size_t| unsafe { syscall(libc::SYS_write, number, buffer, count) };
    answer(for_file("write", file), || call(count), || call(count / 2)) as ssize_t
}

/// Fails if it is its turn.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pwrite64(
    file: c_int,
    buffer: *const c_void,
    count: size_t,
    at: off64_t,
) -> ssize_t {
    let number = c_long::from(file);
    // SAFETY: the caller's promise about the buffer; half of it is in it.
    let call = |count: size_t| unsafe { syscall(libc::SYS_pwrite64, number, buffer, count, at) };
    answer(for_file("pwrite64", file), || call(count), || call(count / 2)) as ssize_t
}

macro_rules! waits {
    ($($name:ident = $call:ident ($($argument:ident: $kind:ty),*);)*) => { $(
        /// Fails if it is its turn.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name(file: c_int $(, $argument: $kind)*) -> c_int {
            // SAFETY: only numbers go to the kernel.
            let call = || unsafe { syscall(libc::$call, c_long::from(file) $(, $argument)*) };
            answer_whole(for_file(stringify!($name), file), call) as c_int
        }
    )* };
}

waits! {
    fsync = SYS_fsync();
    fdatasync = SYS_fdatasync();
    ftruncate64 = SYS_ftruncate(length: off64_t);
    sync_file_range = SYS_sync_file_range(offset: off64_t, count: off64_t, flags: c_uint);
}

/// Fails if it is its turn. The system's takes `mode` only if it makes the file; where it is passed
/// is the same.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn open64(path: *const c_char, flags: c_int, mode: mode_t) -> c_int {
    // SAFETY: the caller's promise about the path.
    let fate = unsafe { for_path("open64", path) };
    let (flags, mode) = (c_long::from(flags), c_long::from(mode));
    // SAFETY: the same. What fails leaves no file open.
    let open = || unsafe { syscall(libc::SYS_openat, c_long::from(AT_FDCWD), path, flags, mode) };
    answer(fate, open, || {
        // SAFETY: nobody else has this file.
        unsafe { syscall(libc::SYS_close, open()) }
    }) as c_int
}

/// Fails if it is its turn.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rename(from: *const c_char, to: *const c_char) -> c_int {
    // SAFETY: the caller's promise about the paths.
    let fate = unsafe { for_path("rename", from) };
    let here = c_long::from(AT_FDCWD);
    // SAFETY: the same.
    let call = || unsafe { syscall(libc::SYS_renameat, here, from, here, to) };
    answer_whole(fate, call) as c_int
}

/// Fails if it is its turn.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mkdir(path: *const c_char, mode: mode_t) -> c_int {
    // SAFETY: the caller's promise about the path.
    let fate = unsafe { for_path("mkdir", path) };
    let (here, mode) = (c_long::from(AT_FDCWD), c_long::from(mode));
    // SAFETY: the same.
    answer_whole(fate, || unsafe { syscall(libc::SYS_mkdirat, here, path, mode) }) as c_int
}

/// Fails if it is its turn.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn unlink(path: *const c_char) -> c_int {
    // SAFETY: the caller's promise about the path.
    let fate = unsafe { for_path("unlink", path) };
    let here = c_long::from(AT_FDCWD);
    // SAFETY: the same.
    answer_whole(fate, || unsafe { syscall(libc::SYS_unlinkat, here, path, 0_i64) }) as c_int
}
