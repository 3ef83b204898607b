//! The bridge from `SQLite`'s C interface to the machines. All that is unsafe is here.
//!
//! To `SQLite` it is what the system's own file system is on Linux: sectors of 4096 bytes,
//! and a write changes no byte beside it (`POWERSAFE_OVERWRITE`), so that it does here
//! exactly what it does in a shop. The disk keeps to that: it tears writes at 512 bytes, but
//! only inside of what was written. There is no memory mapping, as there is none by default.

use super::locks::{HandleId, Level, Memory};
use super::machine::Machine;
use super::state::{Opening, Result};
use libsqlite3_sys as ffi;
use rusqlite::Connection;
use std::cell::Cell;
use std::ffi::{CStr, c_char, c_int, c_void};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, Once, PoisonError};

/// What `SQLite` holds of an open file; it gives the room for it, and knows the first field.
#[repr(C)]
struct File {
    base: ffi::sqlite3_file,
    open: *mut Open,
}

/// The number of an open file: another one once a connection works for another process.
struct Handle(AtomicU64);

impl Handle {
    fn get(&self) -> HandleId {
        self.0.load(Ordering::Relaxed)
    }

    fn set(&self, handle: HandleId) {
        self.0.store(handle, Ordering::Relaxed);
    }
}

/// An open file.
enum Open {
    /// On a disk.
    Named { machine: Arc<Machine>, handle: Handle, memory: Mutex<Option<Arc<Memory>>> },
    /// `SQLite`'s own scratch paper, which needs no disk.
    Scratch(Mutex<Vec<u8>>),
}

const NAME: &CStr = c"chainc-sim";

/// 1 January 2026, noon, as a Julian day. Nothing in a store asks for it.
const NOW: i32 = 2_461_042;

thread_local! {
    static SALT: Cell<u64> = const { Cell::new(0) };
}

/// Makes this file system the default of `SQLite` in this process.
pub(super) fn register() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let vfs = Box::leak(Box::new(ffi::sqlite3_vfs {
            iVersion: 2,
            szOsFile: size_of::<File>() as c_int,
            mxPathname: 512,
            pNext: std::ptr::null_mut(),
            zName: NAME.as_ptr(),
            pAppData: std::ptr::null_mut(),
            xOpen: Some(open),
            xDelete: Some(delete),
            xAccess: Some(access),
            xFullPathname: Some(full_pathname),
            xDlOpen: None,
            xDlError: None,
            xDlSym: None,
            xDlClose: None,
            xRandomness: Some(randomness),
            xSleep: Some(sleep),
            xCurrentTime: Some(current_time),
            xGetLastError: Some(last_error),
            xCurrentTimeInt64: Some(current_time_millis),
            xSetSystemCall: None,
            xGetSystemCall: None,
            xNextSystemCall: None,
        }));
        // Nobody asks how much memory is in use, and to know it costs a lock each time. It can
        // be said before the first connection only, and changes nothing where it comes late.
        // SAFETY: this option takes one number.
        unsafe { ffi::sqlite3_config(ffi::SQLITE_CONFIG_MEMSTATUS, 0) };
        // SAFETY: the table lives forever, and `SQLite` guards its list of them itself.
        let code = unsafe { ffi::sqlite3_vfs_register(vfs, 1) };
        assert_eq!(code, ffi::SQLITE_OK, "SQLite takes a complete table");
    });
}

/// Returns the database of a connection that is at rest, or the log of it, if they are open
/// files of this file system.
fn file_of(connection: &Connection, which: c_int) -> Option<&Open> {
    let mut file: *mut ffi::sqlite3_file = std::ptr::null_mut();
    // SAFETY: the connection is open, and `SQLite` gives a file that lives as long as it, or
    // one that has no methods and is not open.
    unsafe {
        let place = (&raw mut file).cast();
        let code = ffi::sqlite3_file_control(connection.handle(), std::ptr::null(), which, place);
        let is_open = code == ffi::SQLITE_OK
            && !file.is_null()
            && std::ptr::eq((*file).pMethods, &raw const METHODS);
        is_open.then(|| opened(file))
    }
}

/// The two files of a connection that has a write-ahead log and is at rest.
fn files_of(connection: &Connection) -> Option<[&Open; 2]> {
    // SAFETY: the connection is open.
    let state = unsafe { ffi::sqlite3_txn_state(connection.handle(), std::ptr::null()) };
    if state != ffi::SQLITE_TXN_NONE || !connection.is_autocommit() {
        return None;
    }
    let database = file_of(connection, ffi::SQLITE_FCNTL_FILE_POINTER)?;
    let log = file_of(connection, ffi::SQLITE_FCNTL_JOURNAL_POINTER)?;
    let is_log =
        |file: &&Open| matches!(file, Open::Named { memory, .. } if unpoisoned(memory).is_none());
    Some([database, log]).filter(|[_, log]| is_log(log))
}

/// The process of a connection ends, and nobody would notice that it was closed; false if
/// somebody would, or if it cannot be used any more.
pub(super) fn leave(connection: &Connection) -> bool {
    let Some([database, log]) = files_of(connection) else { return false };
    let (Open::Named { machine, handle, .. }, Open::Named { handle: of_log, .. }) = (database, log)
    else {
        return false;
    };
    {
        let state = machine.state();
        // The last one to close a database brings its log into it.
        if state.alive(handle.get()).is_ok() && !state.has_others(handle.get()) {
            return false;
        }
    }
    machine.close(of_log.get());
    machine.close(handle.get());
    true
}

/// A process begins and opens a database with a connection that another one has left. The
/// operations are those of opening the two files; the cache is empty.
pub(super) fn revive(connection: &Connection, process: u32, name: &str) -> Result<()> {
    let failed = ffi::SQLITE_CANTOPEN;
    let [database, log] = files_of(connection).ok_or(failed)?;
    let (Open::Named { machine, handle, memory }, Open::Named { handle: of_log, .. }) =
        (database, log)
    else {
        return Err(failed);
    };
    let opening =
        Opening { process, create: true, is_wal: false, is_log: false, delete_on_close: false };
    let fresh = machine.open(name, opening)?;
    handle.set(fresh);
    let opening = Opening { is_wal: true, is_log: true, ..opening };
    of_log.set(machine.open(&format!("{name}-wal"), opening)?);
    if !machine.lock(fresh, Level::Shared)? {
        return Err(failed);
    }
    let Some(memory) = unpoisoned(memory).clone() else { return Err(failed) };
    let regions = unpoisoned(&memory.regions).len();
    for region in 0..regions {
        let (mapped, _) = machine.map(fresh, region, 0, true)?;
        if !Arc::ptr_eq(&mapped, &memory) {
            return Err(failed);
        }
    }
    // SAFETY: the connection is open; this takes no argument.
    let code = unsafe {
        let (name, none) = (std::ptr::null(), std::ptr::null_mut());
        ffi::sqlite3_file_control(connection.handle(), name, ffi::SQLITE_FCNTL_RESET_CACHE, none)
    };
    if code == ffi::SQLITE_OK { Ok(()) } else { Err(code) }
}

static METHODS: ffi::sqlite3_io_methods = ffi::sqlite3_io_methods {
    iVersion: 2,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(file_size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(check_reserved_lock),
    xFileControl: Some(file_control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(device_characteristics),
    xShmMap: Some(shm_map),
    xShmLock: Some(shm_lock),
    xShmBarrier: Some(shm_barrier),
    xShmUnmap: Some(shm_unmap),
    xFetch: None,
    xUnfetch: None,
};

const fn code(result: Result<()>) -> c_int {
    match result {
        Ok(()) => ffi::SQLITE_OK,
        Err(code) => code,
    }
}

const fn busy_unless(result: Result<bool>) -> c_int {
    match result {
        Ok(true) => ffi::SQLITE_OK,
        Ok(false) => ffi::SQLITE_BUSY,
        Err(code) => code,
    }
}

fn number(value: impl TryInto<usize>) -> usize {
    value.try_into().unwrap_or_else(|_| unreachable!("SQLite counts from 0"))
}

fn unpoisoned<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Gives `SQLite` the randomness of this machine for what it does next in this thread. Its
/// generator is one for the whole process: it is told to begin anew, and asks `randomness`.
fn reseed(machine: &Machine) {
    SALT.set(machine.state().salt());
    // SAFETY: no bytes are asked for, which is how the interface says to begin anew.
    unsafe { ffi::sqlite3_randomness(0, std::ptr::null_mut()) };
}

/// Returns the machine and the name in a path, with the process that speaks.
///
/// # Safety
/// `path` is null or ends with a zero.
unsafe fn resolve(path: *const c_char) -> Option<(Arc<Machine>, u32, String)> {
    if path.is_null() {
        return None;
    }
    // SAFETY: by the contract of this function.
    super::resolve(unsafe { CStr::from_ptr(path) }.to_str().ok()?)
}

/// Returns the open file behind what `SQLite` holds of it.
///
/// # Safety
/// `file` was opened by [`open`] with success and is not closed.
unsafe fn opened<'a>(file: *mut ffi::sqlite3_file) -> &'a Open {
    // SAFETY: `open` put a live box there, which only `close` frees, and all that it holds
    // may be used from any thread.
    unsafe { &*(*file.cast::<File>()).open }
}

unsafe extern "C" fn open(
    _: *mut ffi::sqlite3_vfs,
    name: ffi::sqlite3_filename,
    file: *mut ffi::sqlite3_file,
    flags: c_int,
    out_flags: *mut c_int,
) -> c_int {
    let file = file.cast::<File>();
    // SAFETY: `SQLite` gives room of `szOsFile` bytes. Without methods there is nothing to
    // close, which is what it must find if opening fails.
    unsafe { (*file).base.pMethods = std::ptr::null() };
    let open = if name.is_null() {
        Open::Scratch(Mutex::default())
    } else {
        // SAFETY: a name that `SQLite` gives ends with a zero.
        let Some((machine, process, name)) = (unsafe { resolve(name) }) else {
            return ffi::SQLITE_CANTOPEN;
        };
        let has = |flag| flags & flag != 0;
        let opening = Opening {
            process,
            create: has(ffi::SQLITE_OPEN_CREATE),
            is_wal: has(ffi::SQLITE_OPEN_WAL),
            is_log: has(ffi::SQLITE_OPEN_WAL
                | ffi::SQLITE_OPEN_MAIN_JOURNAL
                | ffi::SQLITE_OPEN_SUPER_JOURNAL),
            delete_on_close: has(ffi::SQLITE_OPEN_DELETEONCLOSE),
        };
        match machine.open(&name, opening) {
            Ok(handle) => {
                let handle = Handle(handle.into());
                Open::Named { machine, handle, memory: Mutex::default() }
            }
            Err(code) => return code,
        }
    };
    // SAFETY: as above; `out_flags` is null or points to a number.
    unsafe {
        (*file).open = Box::into_raw(Box::new(open));
        (*file).base.pMethods = &raw const METHODS;
        if !out_flags.is_null() {
            *out_flags = flags;
        }
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn close(file: *mut ffi::sqlite3_file) -> c_int {
    // SAFETY: `open` made the box, and `SQLite` closes once.
    let open = unsafe { Box::from_raw((*file.cast::<File>()).open) };
    if let Open::Named { machine, handle, .. } = &*open {
        machine.close(handle.get());
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn delete(
    _: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    sync_folder: c_int,
) -> c_int {
    // SAFETY: a name that `SQLite` gives ends with a zero.
    match unsafe { resolve(name) } {
        Some((machine, _, name)) => code(machine.delete(&name, sync_folder != 0)),
        None => ffi::SQLITE_IOERR_DELETE_NOENT,
    }
}

unsafe extern "C" fn access(
    _: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    flags: c_int,
    result: *mut c_int,
) -> c_int {
    // SAFETY: a name that `SQLite` gives ends with a zero.
    let found = match unsafe { resolve(name) } {
        Some((machine, _, name)) => match machine.state().exists(&name) {
            // An empty file counts as none, as it does on Linux.
            Ok(file) => file.is_some_and(|it| flags != ffi::SQLITE_ACCESS_EXISTS || it.len() > 0),
            Err(code) => return code,
        },
        None => false,
    };
    // SAFETY: `SQLite` gives a place for the answer.
    unsafe { *result = c_int::from(found) };
    ffi::SQLITE_OK
}

unsafe extern "C" fn full_pathname(
    _: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    room: c_int,
    out: *mut c_char,
) -> c_int {
    // SAFETY: a name that `SQLite` gives ends with a zero.
    let bytes = unsafe { CStr::from_ptr(name) }.to_bytes_with_nul();
    if bytes.len() > number(room) {
        return ffi::SQLITE_CANTOPEN;
    }
    // SAFETY: there is room for as many bytes, and the two do not overlap.
    unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), out.cast(), bytes.len()) };
    ffi::SQLITE_OK
}

unsafe extern "C" fn randomness(_: *mut ffi::sqlite3_vfs, len: c_int, out: *mut c_char) -> c_int {
    let mut rng = crate::rng::Rng::new(SALT.get());
    // SAFETY: `SQLite` gives room for as many bytes.
    let out = unsafe { std::slice::from_raw_parts_mut(out.cast::<u8>(), number(len)) };
    out.fill_with(|| rng.draw().to_le_bytes()[0]);
    len
}

unsafe extern "C" fn sleep(_: *mut ffi::sqlite3_vfs, micros: c_int) -> c_int {
    micros
}

unsafe extern "C" fn current_time(_: *mut ffi::sqlite3_vfs, out: *mut f64) -> c_int {
    // SAFETY: `SQLite` gives a place for the answer.
    unsafe { *out = f64::from(NOW) };
    ffi::SQLITE_OK
}

unsafe extern "C" fn current_time_millis(
    _: *mut ffi::sqlite3_vfs,
    out: *mut ffi::sqlite3_int64,
) -> c_int {
    // SAFETY: `SQLite` gives a place for the answer.
    unsafe { *out = i64::from(NOW) * 86_400_000 };
    ffi::SQLITE_OK
}

unsafe extern "C" fn last_error(_: *mut ffi::sqlite3_vfs, _: c_int, _: *mut c_char) -> c_int {
    0
}

unsafe extern "C" fn read(
    file: *mut ffi::sqlite3_file,
    into: *mut c_void,
    len: c_int,
    offset: ffi::sqlite3_int64,
) -> c_int {
    // SAFETY: `SQLite` reads from files that are open, and gives room for as many bytes.
    let (open, into) =
        unsafe { (opened(file), std::slice::from_raw_parts_mut(into.cast::<u8>(), number(len))) };
    match open {
        Open::Named { machine, handle, .. } => {
            code(machine.read(handle.get(), number(offset), into))
        }
        Open::Scratch(bytes) => {
            let bytes = unpoisoned(bytes);
            let from = bytes.get(number(offset)..).unwrap_or_default();
            let there = from.len().min(into.len());
            into[..there].copy_from_slice(&from[..there]);
            into[there..].fill(0);
            if there < into.len() { ffi::SQLITE_IOERR_SHORT_READ } else { ffi::SQLITE_OK }
        }
    }
}

unsafe extern "C" fn write(
    file: *mut ffi::sqlite3_file,
    from: *const c_void,
    len: c_int,
    offset: ffi::sqlite3_int64,
) -> c_int {
    // SAFETY: `SQLite` writes to files that are open, and gives as many bytes.
    let (open, from) =
        unsafe { (opened(file), std::slice::from_raw_parts(from.cast::<u8>(), number(len))) };
    match open {
        Open::Named { machine, handle, .. } => {
            code(machine.write(handle.get(), number(offset), from))
        }
        Open::Scratch(bytes) => {
            let mut bytes = unpoisoned(bytes);
            let (start, end) = (number(offset), number(offset) + from.len());
            let len = bytes.len().max(end);
            bytes.resize(len, 0);
            bytes[start..end].copy_from_slice(from);
            ffi::SQLITE_OK
        }
    }
}

unsafe extern "C" fn truncate(file: *mut ffi::sqlite3_file, len: ffi::sqlite3_int64) -> c_int {
    // SAFETY: `SQLite` cuts files that are open.
    match unsafe { opened(file) } {
        Open::Named { machine, handle, .. } => code(machine.cut(handle.get(), number(len))),
        Open::Scratch(bytes) => {
            unpoisoned(bytes).resize(number(len), 0);
            ffi::SQLITE_OK
        }
    }
}

unsafe extern "C" fn sync(file: *mut ffi::sqlite3_file, _: c_int) -> c_int {
    // SAFETY: `SQLite` syncs files that are open.
    match unsafe { opened(file) } {
        Open::Named { machine, handle, .. } => code(machine.sync(handle.get())),
        Open::Scratch(_) => ffi::SQLITE_OK,
    }
}

unsafe extern "C" fn file_size(
    file: *mut ffi::sqlite3_file,
    out: *mut ffi::sqlite3_int64,
) -> c_int {
    // SAFETY: `SQLite` measures files that are open.
    let len = match unsafe { opened(file) } {
        Open::Named { machine, handle, .. } => machine.size(handle.get()),
        Open::Scratch(bytes) => Ok(unpoisoned(bytes).len()),
    };
    match len {
        Ok(len) => {
            // SAFETY: `SQLite` gives a place for the answer.
            unsafe { *out = len as ffi::sqlite3_int64 };
            ffi::SQLITE_OK
        }
        Err(_) => ffi::SQLITE_IOERR_FSTAT,
    }
}

unsafe extern "C" fn lock(file: *mut ffi::sqlite3_file, level: c_int) -> c_int {
    // SAFETY: `SQLite` locks files that are open.
    match unsafe { opened(file) } {
        Open::Named { machine, handle, .. } => {
            let level = Level::of(level);
            let got = machine.lock(handle.get(), level);
            if level == Level::Reserved {
                reseed(machine);
            }
            busy_unless(got)
        }
        Open::Scratch(_) => ffi::SQLITE_OK,
    }
}

unsafe extern "C" fn unlock(file: *mut ffi::sqlite3_file, level: c_int) -> c_int {
    // SAFETY: `SQLite` unlocks files that are open.
    match unsafe { opened(file) } {
        Open::Named { machine, handle, .. } => code(machine.unlock(handle.get(), Level::of(level))),
        Open::Scratch(_) => ffi::SQLITE_OK,
    }
}

unsafe extern "C" fn check_reserved_lock(file: *mut ffi::sqlite3_file, out: *mut c_int) -> c_int {
    // SAFETY: `SQLite` asks of files that are open.
    let reserved = match unsafe { opened(file) } {
        Open::Named { machine, handle, .. } => machine.is_reserved(handle.get()),
        Open::Scratch(_) => Ok(false),
    };
    match reserved {
        Ok(reserved) => {
            // SAFETY: `SQLite` gives a place for the answer.
            unsafe { *out = c_int::from(reserved) };
            ffi::SQLITE_OK
        }
        Err(code) => code,
    }
}

unsafe extern "C" fn file_control(_: *mut ffi::sqlite3_file, _: c_int, _: *mut c_void) -> c_int {
    ffi::SQLITE_NOTFOUND
}

unsafe extern "C" fn sector_size(_: *mut ffi::sqlite3_file) -> c_int {
    4096
}

unsafe extern "C" fn device_characteristics(_: *mut ffi::sqlite3_file) -> c_int {
    ffi::SQLITE_IOCAP_POWERSAFE_OVERWRITE | ffi::SQLITE_IOCAP_SUBPAGE_READ
}

unsafe extern "C" fn shm_map(
    file: *mut ffi::sqlite3_file,
    region: c_int,
    bytes: c_int,
    grow: c_int,
    out: *mut *mut c_void,
) -> c_int {
    // SAFETY: `SQLite` gives a place for the answer, and means files that are open.
    let open = unsafe {
        *out = std::ptr::null_mut();
        opened(file)
    };
    let Open::Named { machine, handle, memory } = open else { return ffi::SQLITE_IOERR_SHMMAP };
    match machine.map(handle.get(), number(region), number(bytes), grow != 0) {
        Ok((mapped, is_there)) => {
            let regions = unpoisoned(&mapped.regions);
            if let Some(region) = regions.get(number(region)).filter(|_| is_there) {
                // SAFETY: as above. The region is made of atomics, so it may be changed
                // behind this pointer; it is never moved, and `memory` keeps it until the
                // file is closed.
                unsafe { *out = region.as_ptr().cast_mut().cast() };
            }
            drop(regions);
            *unpoisoned(memory) = Some(mapped);
            ffi::SQLITE_OK
        }
        Err(code) => code,
    }
}

unsafe extern "C" fn shm_lock(
    file: *mut ffi::sqlite3_file,
    offset: c_int,
    count: c_int,
    flags: c_int,
) -> c_int {
    // SAFETY: `SQLite` locks files that are open.
    let Open::Named { machine, handle, .. } = (unsafe { opened(file) }) else {
        return ffi::SQLITE_IOERR_SHMLOCK;
    };
    let slots = number(offset)..number(offset) + number(count);
    if flags & ffi::SQLITE_SHM_UNLOCK != 0 {
        return code(machine.release_slots(handle.get(), slots));
    }
    let alone = flags & ffi::SQLITE_SHM_EXCLUSIVE != 0;
    let got = machine.take_slots(handle.get(), slots, alone);
    if alone {
        reseed(machine);
    }
    busy_unless(got)
}

unsafe extern "C" fn shm_barrier(_: *mut ffi::sqlite3_file) {
    std::sync::atomic::fence(Ordering::SeqCst);
}

unsafe extern "C" fn shm_unmap(file: *mut ffi::sqlite3_file, _: c_int) -> c_int {
    // SAFETY: `SQLite` means files that are open.
    if let Open::Named { machine, handle, memory } = unsafe { opened(file) } {
        machine.unmap(handle.get());
        *unpoisoned(memory) = None;
    }
    ffi::SQLITE_OK
}
