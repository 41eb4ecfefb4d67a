//! How what comes to a source later is noticed, and where its bytes are read from because of it.

use std::sync::Arc;

use super::OpenOptions;
use crate::input::decoders::Format;
use crate::input::sources::document::Document;
use crate::input::sources::file::FileBytes;
use crate::input::sources::follow::{FileGrowth, Growth};
use crate::input::sources::stage::Stage;
use crate::model::source::{Origin, ReadAt};

/// A source's bytes, where they come from, and who watches for more.
pub(super) struct Followed {
    pub bytes: Arc<dyn ReadAt>,
    pub origin: Option<Arc<dyn Origin>>,
    pub growth: Option<Arc<dyn Growth>>,
    /// Read as a whole each time.
    pub is_document: bool,
    /// Somebody wants it followed, and it cannot be.
    pub is_unfollowed: bool,
}

impl Followed {
    pub fn new(
        stage: &Stage,
        file: Option<Arc<FileBytes>>,
        len: u64,
        format: &dyn Format,
        options: &OpenOptions,
    ) -> Self {
        let mut found = Self {
            bytes: Arc::clone(&stage.bytes),
            origin: stage.origin.clone(),
            growth: stage.spool.clone().map(|spool| spool as Arc<dyn Growth>),
            is_document: false,
            is_unfollowed: false,
        };
        let Some(file) = file.filter(|_| options.follow && stage.spool.is_none()) else { return found };
        if format.grows_by_lines() {
            let growth = Arc::new(FileGrowth::new(file, len));
            found.bytes = growth.version();
            found.growth = Some(growth);
        } else if format.is_document()
            && let Ok(Some(document)) = Document::follow(file.path(), len, options.cache_dir.as_deref())
        {
            found.bytes = Arc::clone(&document) as Arc<dyn ReadAt>;
            found.origin = Some(Arc::clone(&document) as Arc<dyn Origin>);
            found.growth = Some(document);
            found.is_document = true;
        } else {
            found.is_unfollowed = true;
        }
        found
    }
}
