//! Which calls fail, and how.

use libc::{c_int, c_long, off64_t, size_t};
use std::collections::BTreeSet;
use std::env;
use std::ffi::{CStr, CString};
use std::mem::MaybeUninit;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

static CALLS: AtomicUsize = AtomicUsize::new(0);
static PLAN: OnceLock<Option<Plan>> = OnceLock::new();

/// The pages of files that were read, by file and number: the system has them in memory now, so
/// reading them again asks nothing of the disk.
static IN_MEMORY: Mutex<BTreeSet<(Vec<u8>, i64)>> = Mutex::new(BTreeSet::new());
const PAGE_BYTES: i64 = 4096;

struct Plan {
    directory: Vec<u8>,
    calls: CString,
    fails_at: usize,
    fails: usize,
    does_half: bool,
    stalls: bool,
    error: c_int,
}

/// What becomes of a call.
pub enum Fate {
    /// It is the system's to answer.
    Works,
    /// It fails without having done anything.
    Fails(c_int),
    /// It fails after it has done something.
    FailsAfter(c_int),
}

impl Plan {
    fn from_environment() -> Option<Self> {
        let number = |name| env::var(name).ok()?.parse().ok();
        Some(Self {
            directory: env::var_os("FAULTY_DISK")?.into_vec(),
            calls: CString::new(env::var_os("FAULTY_DISK_CALLS")?.as_bytes()).ok()?,
            fails_at: number("FAULTY_DISK_FAILS_AT").unwrap_or(usize::MAX),
            fails: number("FAULTY_DISK_FAILS").unwrap_or(usize::MAX),
            does_half: env::var_os("FAULTY_DISK_HALF").is_some(),
            stalls: env::var_os("FAULTY_DISK_STALLS").is_some(),
            error: number("FAULTY_DISK_ERROR").map_or(libc::EIO, |error| error as c_int),
        })
    }
}

/// What becomes of a call for a file that is open.
pub fn for_file(name: &str, file: c_int) -> Fate {
    let Some(plan) = PLAN.get_or_init(Plan::from_environment) else { return Fate::Works };
    path_of(file).map_or(Fate::Works, |path| plan.decide(name, &path))
}

/// What becomes of a call that reads so many bytes from there on.
pub fn for_reading(name: &str, file: c_int, at: off64_t, count: size_t) -> Fate {
    let Some(plan) = PLAN.get_or_init(Plan::from_environment) else { return Fate::Works };
    let Some(path) = path_of(file) else { return Fate::Works };
    let end = at.saturating_add_unsigned(count as u64).min(length_of(file));
    let (first, beyond) = (at / PAGE_BYTES, (end + PAGE_BYTES - 1) / PAGE_BYTES);
    let pages = (first..beyond).map(|page| (path.clone(), page));
    let mut in_memory = IN_MEMORY.lock().unwrap_or_else(PoisonError::into_inner);
    if pages.clone().all(|page| in_memory.contains(&page)) {
        return Fate::Works;
    }
    let fate = plan.decide(name, &path);
    if matches!(fate, Fate::Works) {
        in_memory.extend(pages);
    }
    fate
}

/// 0 if it has none.
fn length_of(file: c_int) -> off64_t {
    let mut about = MaybeUninit::<libc::stat64>::uninit();
    // SAFETY: there is room for what is written, which is read only if it was.
    unsafe {
        if libc::fstat64(file, about.as_mut_ptr()) == 0 { about.assume_init().st_size } else { 0 }
    }
}

fn path_of(file: c_int) -> Option<Vec<u8>> {
    let link = CString::new(format!("/proc/self/fd/{file}")).ok()?;
    let mut path = [0_u8; libc::PATH_MAX as usize];
    // SAFETY: `link` ends with a zero, and no more is written than `path` has room for.
    let length = unsafe { libc::readlink(link.as_ptr(), path.as_mut_ptr().cast(), path.len()) };
    path.get(..usize::try_from(length).ok()?).map(<[u8]>::to_vec)
}

/// What becomes of a call for a path.
///
/// # Safety
/// `path` points to bytes that end with a zero.
pub unsafe fn for_path(name: &str, path: *const libc::c_char) -> Fate {
    let Some(plan) = PLAN.get_or_init(Plan::from_environment) else { return Fate::Works };
    // SAFETY: the caller's promise.
    plan.decide(name, unsafe { CStr::from_ptr(path) }.to_bytes())
}

impl Plan {
    fn decide(&self, name: &str, path: &[u8]) -> Fate {
        let Some(file) = path.strip_prefix(self.directory.as_slice()) else { return Fate::Works };
        let number = CALLS.fetch_add(1, Ordering::SeqCst) + 1;
        let fails = number.checked_sub(self.fails_at).is_some_and(|since| since < self.fails);
        let file = String::from_utf8_lossy(file);
        self.note(&format!("{name} {file}{}\n", if fails { " fails" } else { "" }));
        if fails && self.stalls {
            loop {
                // SAFETY: waits for a signal.
                unsafe { libc::pause() };
            }
        }
        match (fails, self.does_half) {
            (false, _) => Fate::Works,
            (true, false) => Fate::Fails(self.error),
            (true, true) => Fate::FailsAfter(self.error),
        }
    }

    /// By calls to the kernel itself: the functions of the same name are ours.
    fn note(&self, line: &str) {
        let flags = libc::O_WRONLY | libc::O_CREAT | libc::O_APPEND | libc::O_CLOEXEC;
        let (cwd, mode) = (c_long::from(libc::AT_FDCWD), 0o600_i64);
        // SAFETY: the path ends with a zero, the line is as long as is said, and the file is ours.
        unsafe {
            let file = libc::syscall(libc::SYS_openat, cwd, self.calls.as_ptr(), flags, mode);
            libc::syscall(libc::SYS_write, file, line.as_ptr(), line.len());
            libc::syscall(libc::SYS_close, file);
        }
    }
}
