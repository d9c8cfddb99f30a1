//! Tables that are read for prediction, with or without a target.
#![allow(clippy::unwrap_used, reason = "tests")]

mod files;

use data::InputReader;
use expect_test::expect;
use files::{Folder, shape};

#[test]
fn the_target_may_be_absent_in_prediction() {
    let ucr = "{ task: classification, train: { file: t.csv, target: 0 } }";
    let last = "{ task: classification, train: t.csv }";
    let named = "{ task: segmentation, train: { file: t.csv, layout: samples, target: s, ignore: time } }";
    let read = |config: &str, text: &str, input: &[usize]| {
        let folder = Folder::of(&[("new.csv", text.as_bytes())]);
        let config: data::Config = serde_yaml::from_str(config).unwrap();
        let (input, channels) = (shape(input), ["x".to_owned(), "y".to_owned()]);
        let channels = if config.task == data::Task::Segmentation { &channels[..] } else { &[] };
        let reader =
            InputReader { config: Some((&config, folder.path())), channels, ..InputReader::new(&input) };
        match reader.read(&folder.path().join("new.csv")) {
            Ok(memory) => {
                Ok(memory.recordings.iter().map(|one| one.input.data().to_vec()).collect::<Vec<_>>())
            }
            Err(error) => Err(folder.tidy(&error)),
        }
    };
    for text in ["1,2,3\n4,5,6\n", "9,1,2,3\n9,4,5,6\n"] {
        assert_eq!(read(ucr, text, &[1, 3]).unwrap(), [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], "{text}");
    }
    for text in ["1,2,3\n4,5,6\n", "1,2,3,a\n4,5,6,b\n", "u,v,w,label\n1,2,3,a\n4,5,6,b\n"] {
        assert_eq!(read(last, text, &[1, 3]).unwrap(), [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], "{text}");
    }
    for text in
        ["time,y,x,s\n0,2,1,a\n1,4,3,b\n", "x,y\n1,2\n3,4\n", "extra,x,y\n9,1,2\n9,3,4\n", "1,2\n3,4\n"]
    {
        assert_eq!(read(named, text, &[2, 2]).unwrap(), [[1.0, 3.0, 2.0, 4.0]], "{text}");
    }
    expect!["new.csv: row 1: expected 1 x 3 values, found 5"]
        .assert_eq(&read(last, "1,2,3,4,5\n", &[1, 3]).unwrap_err());
    expect!["new.csv: row 1: expected 2 channels, found 3"]
        .assert_eq(&read(named, "1,2,3\n3,4,5\n", &[2, 2]).unwrap_err());
}
