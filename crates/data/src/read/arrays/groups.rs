//! The groups of recordings in an array.

use super::Selection;
use crate::DataError;
use crate::config::Column;
use crate::error::expected;
use crate::labels::{canonical, is_missing};
use crate::read::Request;
use crate::read::archive::Archive;
use crate::read::stored::Run;

/// Returns the group of each selected recording. Empty if there are no groups.
pub(super) fn groups(
    request: &Request<'_>,
    archive: &mut Archive,
    selection: &Selection,
) -> Result<Vec<String>, DataError> {
    if request.prediction.is_some() {
        return Ok(Vec::new());
    }
    let name = match &request.file.group {
        None => return Ok(Vec::new()),
        Some(Column::Name(name)) => name,
        Some(Column::Number(number)) => {
            return Err(request.refuse(format!("`group`: {}", expected("the name of an array", number))));
        }
    };
    // A `.npy` file has a single array, whatever its name.
    let array = if archive.names().contains(name) {
        request.array(archive, name).map_err(|message| request.refuse(message))?
    } else {
        None
    };
    let Some(array) = array else {
        if let Some(group) = request.group_of_path() {
            return Ok(vec![group; selection.recordings.len()]);
        }
        let found = match &archive.names()[..] {
            [] => "a single array without a name".to_owned(),
            names => graph::listed(names),
        };
        let wanted = format!("an array {}", graph::quoted(name));
        return Err(request.refuse(format!("`group`: {}", expected(wanted, found))));
    };
    let count: usize = array.shape.iter().product();
    if count < selection.recordings.end || array.shape.iter().filter(|size| **size != 1).count() > 1 {
        let wanted = format!("a group for each of {} recordings", selection.recordings.end);
        return Err(
            request.refuse(format!("`group`: {}", expected(wanted, format!("shape {:?}", array.shape))))
        );
    }
    let run = Run { from: selection.recordings.start, count: selection.recordings.len() };
    let bytes = array.bytes(&[run]).map_err(|message| request.refuse(message))?;
    let labels = bytes.chunks(array.elements.size()).zip(selection.recordings.clone());
    let group = |(bytes, recording): (&[u8], usize)| {
        let refuse = |message| request.refuse_at(format!("recording {}", recording + 1), message);
        let label = array.elements.label(bytes).map_err(refuse)?;
        if is_missing(&label) {
            return Err(refuse(expected("a group", graph::quoted(&label))));
        }
        Ok(canonical(&label).into_owned())
    };
    labels.map(group).collect()
}
