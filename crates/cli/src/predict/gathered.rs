//! Predictions as bytes, for the first rank.

use data::{MessageReader, MessageWriter, Values};
use predict::Prediction;

/// The bytes of predictions and notes.
pub(super) fn to_bytes((predictions, notes): &(Vec<Prediction>, Vec<String>)) -> Vec<u8> {
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

/// The predictions and notes of another rank.
pub(super) fn from_bytes(bytes: &[u8]) -> (Vec<Prediction>, Vec<String>) {
    read(&mut MessageReader::new(bytes)).expect("as another rank wrote them")
}

fn read(message: &mut MessageReader<'_>) -> Option<(Vec<Prediction>, Vec<String>)> {
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
