//! Progress of downloads.

use std::ffi::{OsStr, c_void};

use dnf5_sys as raw;

use super::callbacks::CallState;
use super::strings::view;

/// A download of one call; they are counted from 1.
pub type DownloadId = u64;

number_enum! {
    /// How a download ended.
    pub enum TransferStatus {
        /// Downloaded.
        Successful = RDNF5_TRANSFER_SUCCESSFUL,
        /// It was there.
        AlreadyExists = RDNF5_TRANSFER_ALREADYEXISTS,
        /// It failed.
        Error = RDNF5_TRANSFER_ERROR,
    }
    else Error
}

/// What the search for the fastest mirror is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FastestMirrorStage {
    /// It begins.
    Init,
    /// It reads its cache.
    CacheLoading,
    /// It has read its cache.
    CacheLoadingStatus,
    /// It tries this many mirrors.
    Detection(u64),
    /// It sorts them.
    Finishing,
    /// It is done.
    Status,
}

/// What libdnf5 does after a callback.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// It goes on.
    Continue,
    /// It gives this download up.
    AbortDownload,
    /// It gives everything up.
    AbortAll,
}

impl Flow {
    fn number(self) -> i32 {
        match self {
            Self::Continue => raw::RDNF5_CALLBACK_OK.cast_signed(),
            Self::AbortDownload => raw::RDNF5_CALLBACK_ABORT.cast_signed(),
            Self::AbortAll => raw::RDNF5_CALLBACK_ERROR.cast_signed(),
        }
    }
}

/// Told of every download of a call. Several may be under way at once.
pub trait DownloadCallbacks {
    /// A download begins; `total` bytes, 0 when not known.
    fn add_new_download(&mut self, _download: DownloadId, _description: &OsStr, _total: f64) {}

    /// It got on.
    fn progress(&mut self, _download: DownloadId, _total: f64, _downloaded: f64) -> Flow {
        Flow::Continue
    }

    /// It ended; `message` says why it failed.
    fn end(&mut self, _download: DownloadId, _status: TransferStatus, _message: &OsStr) -> Flow {
        Flow::Continue
    }

    /// A mirror failed; another one may be tried.
    fn mirror_failure(&mut self, _download: DownloadId, _message: &OsStr, _url: &OsStr, _metadata: &OsStr) -> Flow {
        Flow::Continue
    }

    /// The search for the fastest mirror got on.
    fn fastest_mirror(&mut self, _download: DownloadId, _stage: FastestMirrorStage, _message: &OsStr) {}
}

/// For those who do not want to be told.
impl DownloadCallbacks for () {}

pub(crate) type DownloadState<'a> = CallState<'a, dyn DownloadCallbacks + 'a>;

/// The C side of a state, for one call.
pub(crate) fn to_raw(state: &mut DownloadState<'_>) -> raw::Rdnf5DownloadCallbacks {
    raw::Rdnf5DownloadCallbacks {
        user: state.user(),
        event: Some(event),
    }
}

/// # Safety
/// As C callback of [`to_raw`] only.
unsafe extern "C" fn event(user: *mut c_void, event: *const raw::Rdnf5DownloadEvent) -> i32 {
    // SAFETY: `user` is the state of the call that is running, which touches it in its callbacks alone; the event lives until this
    // function returns.
    let (state, event) = unsafe { (&mut *user.cast::<DownloadState<'_>>(), &*event) };
    state
        .run(Flow::AbortAll, |callbacks| dispatch(callbacks, event))
        .number()
}

fn dispatch(callbacks: &mut (dyn DownloadCallbacks + '_), event: &raw::Rdnf5DownloadEvent) -> Flow {
    let download = event.download;
    // SAFETY: the views live as long as the event.
    let (description, message, url, metadata) = unsafe {
        (
            view(event.description),
            view(event.message),
            view(event.url),
            view(event.metadata),
        )
    };
    match event.kind {
        raw::RDNF5_DOWNLOAD_ADD_NEW_DOWNLOAD => callbacks.add_new_download(download, description, event.total),
        raw::RDNF5_DOWNLOAD_PROGRESS => return callbacks.progress(download, event.total, event.downloaded),
        raw::RDNF5_DOWNLOAD_END => {
            return callbacks.end(download, TransferStatus::from_number(event.status), message);
        }
        raw::RDNF5_DOWNLOAD_MIRROR_FAILURE => return callbacks.mirror_failure(download, message, url, metadata),
        raw::RDNF5_DOWNLOAD_FASTEST_MIRROR => callbacks.fastest_mirror(download, stage(event), message),
        _ => {}
    }
    Flow::Continue
}

fn stage(event: &raw::Rdnf5DownloadEvent) -> FastestMirrorStage {
    match event.stage {
        0 => FastestMirrorStage::Init,
        1 => FastestMirrorStage::CacheLoading,
        2 => FastestMirrorStage::CacheLoadingStatus,
        // A count of mirrors is small, whole and not negative.
        3 => FastestMirrorStage::Detection(event.total as u64),
        4 => FastestMirrorStage::Finishing,
        _ => FastestMirrorStage::Status,
    }
}
