//! Checks that hold for every page.

use report::Page;

/// Checks that a page is a single element tree, refers to nothing outside itself and has no invalid number.
#[track_caller]
pub(crate) fn check(page: &Page) -> String {
    let html = page.html();
    assert_eq!(html, page.html(), "a page is a function of its content");
    check_html(&html);
    html
}

/// Checks a page as text.
#[track_caller]
pub(crate) fn check_html(html: &str) {
    let outside = html.replace("http-equiv", "");
    for forbidden in ["http:", "https:", "url(", "@import", "<script", "=\"//"] {
        assert!(!outside.contains(forbidden), "`{forbidden}` refers outside");
    }
    for (at, _) in html.match_indices(" src=\"").chain(html.match_indices(" href=\"")) {
        let target = html[at..].split('"').nth(1).unwrap();
        assert!(target.starts_with("data:") || target.starts_with('#'), "{target} refers outside");
    }
    for piece in html.split('<').filter(|piece| piece.contains(" d=") || piece.contains("style=")) {
        let tag = piece.split('>').next().unwrap();
        assert!(!tag.contains("NaN") && !tag.contains("inf"), "<{tag}>");
    }
    balanced(html);
}

#[track_caller]
fn balanced(html: &str) {
    let body = &html[html.find("<body>").unwrap()..html.find("</html>").unwrap()];
    let mut open: Vec<&str> = Vec::new();
    for tag in body.split('<').skip(1).map(|piece| piece.split('>').next().unwrap()) {
        let name = tag.split([' ', '\n']).next().unwrap();
        match name.strip_prefix('/') {
            Some(name) => assert_eq!(open.pop(), Some(name), "</{name}> closes another element"),
            None if name == "img" => {}
            None => open.push(name),
        }
    }
    assert_eq!(open, ["html"; 0], "elements are left open");
}
