//! Predictions of all ranks on the first rank.

use data::{MessageReader, MessageWriter, Values};
use predict::Prediction;
use train::Communicator;

/// Predictions of some files, and notes about these files.
pub(super) type Part = (Vec<Prediction>, Vec<String>);

/// Returns the parts of all ranks on the first rank, in the order of the ranks, and nothing on the others.
pub(super) fn on_first(ranks: &dyn Communicator, own: Part) -> Vec<Part> {
    if ranks.size() == 1 {
        return vec![own];
    }
    let gathered = ranks.gather(&to_bytes(&own));
    if ranks.rank() > 0 {
        return Vec::new();
    }
    gathered.iter().map(|bytes| from_bytes(bytes)).collect()
}

fn to_bytes((predictions, notes): &Part) -> Vec<u8> {
    let mut message = MessageWriter::default();
    message.sizes(&[predictions.len()]);
    for Prediction { origin, start, outputs } in predictions {
        message.bytes(origin.as_bytes());
        message.sizes(&[*start]);
        message.sizes(outputs.shape());
        message.doubles(outputs.data());
    }
    for note in notes {
        message.bytes(note.as_bytes());
    }
    message.into_bytes()
}

fn from_bytes(bytes: &[u8]) -> Part {
    read(&mut MessageReader::new(bytes)).expect("as another rank wrote them")
}

fn read(message: &mut MessageReader<'_>) -> Option<Part> {
    let (mut predictions, mut notes) = (Vec::new(), Vec::new());
    for _ in 0..*message.sizes()?.first()? {
        let origin = String::from_utf8_lossy(message.bytes()?).into_owned();
        let start = *message.sizes()?.first()?;
        let outputs = Values::new(message.sizes()?, message.doubles()?)?;
        predictions.push(Prediction { origin, start, outputs });
    }
    while !message.is_empty() {
        notes.push(String::from_utf8_lossy(message.bytes()?).into_owned());
    }
    Some((predictions, notes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn predictions_arrive_as_they_were() {
        let prediction = |origin: &str, start| Prediction {
            origin: origin.to_owned(),
            start,
            outputs: Values::from_fn([2, 3], |i| i as f64 / 7.0),
        };
        let sent = (vec![prediction("a", 0), prediction("é", 9)], vec!["a note".to_owned()]);
        assert_eq!(from_bytes(&to_bytes(&sent)), sent);
        let nothing = (Vec::new(), Vec::new());
        assert_eq!(from_bytes(&to_bytes(&nothing)), nothing);
    }
}
