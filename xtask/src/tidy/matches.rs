//! A `match` on `Op` names every operation, so that the compiler lists all places that a new operation affects.

use syn::visit::{self, Visit};
use syn::{Pat, Path};

use super::Finding;
use super::sources::marks_test;
use super::tree::{TextFile, Tree};

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let sources = tree.sources().filter(|file| !file.is_test());
    // `sources` reports files that do not parse.
    let parsed = sources.filter_map(|file| Some((file, syn::parse_file(&file.text).ok()?)));
    parsed.flat_map(|(file, syntax)| Matches::findings(file, &syntax)).collect()
}

struct Matches<'a> {
    file: &'a TextFile,
    /// True inside an `impl` of `Op`, where `Self` is `Op`.
    in_op: bool,
    findings: Vec<Finding>,
}

impl<'a> Matches<'a> {
    fn findings(file: &'a TextFile, syntax: &syn::File) -> Vec<Finding> {
        let mut matches = Self { file, in_op: false, findings: Vec::new() };
        matches.visit_file(syntax);
        matches.findings
    }

    fn names_op(&self, pattern: &Pat) -> bool {
        let mut search = Search { in_op: self.in_op, found: false };
        search.visit_pat(pattern);
        search.found
    }
}

impl<'ast> Visit<'ast> for Matches<'_> {
    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        if !marks_test(&module.attrs) {
            visit::visit_item_mod(self, module);
        }
    }

    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        if !marks_test(&function.attrs) {
            visit::visit_item_fn(self, function);
        }
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        let last = match &*item.self_ty {
            syn::Type::Path(own) => own.path.segments.last(),
            _ => None,
        };
        let of_op = last.is_some_and(|segment| segment.ident == "Op");
        let outside = std::mem::replace(&mut self.in_op, of_op);
        visit::visit_item_impl(self, item);
        self.in_op = outside;
    }

    fn visit_expr_match(&mut self, expression: &'ast syn::ExprMatch) {
        let on_op = expression.arms.iter().any(|arm| self.names_op(&arm.pat));
        let open = expression.arms.iter().find(|arm| on_op && catches_all(&arm.pat));
        if let Some(arm) = open {
            let line = syn::spanned::Spanned::span(&arm.pat).start().line;
            let rule = "name every operation, so that a new one does not compile until it is \
                          handled; to ask for a few, use `if let` or `matches!`";
            self.findings.push(Finding::new(
                format!("{}:{line}", self.file.path),
                "a `match` on `Op` has an arm for all the rest",
                rule,
            ));
        }
        visit::visit_expr_match(self, expression);
    }
}

/// Looks for a path such as `Op::Conv` in a pattern.
struct Search {
    in_op: bool,
    found: bool,
}

impl<'ast> Visit<'ast> for Search {
    fn visit_path(&mut self, path: &'ast Path) {
        let mut owners = path.segments.iter().rev().skip(1);
        let owner = owners.next().map(|segment| &segment.ident);
        self.found |= owner.is_some_and(|owner| owner == "Op" || (self.in_op && owner == "Self"));
        visit::visit_path(self, path);
    }

    fn visit_pat_guard(&mut self, guard: &'ast syn::PatGuard) {
        self.visit_pat(&guard.pat); // the condition is not a pattern
    }
}

/// Returns true if the pattern matches every value.
fn catches_all(pattern: &Pat) -> bool {
    match pattern {
        Pat::Wild(_) => true,
        // A constant's or a variant's name begins with a capital.
        Pat::Ident(name) => match &name.subpat {
            Some((_, inner)) => catches_all(inner),
            None => name.ident.to_string().starts_with(|first: char| first.is_lowercase() || first == '_'),
        },
        Pat::Or(or) => or.cases.iter().any(catches_all),
        Pat::Paren(inner) => catches_all(&inner.pat),
        Pat::Reference(inner) => catches_all(&inner.pat),
        Pat::Tuple(tuple) => tuple.elems.iter().all(catches_all),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns true if the rule refuses this source.
    fn refused(text: &str) -> bool {
        !check(&Tree::of(&[("crates/a/src/lib.rs", text)])).is_empty()
    }

    #[test]
    fn message() {
        let text = "fn f(op: &Op) {\n    match op {\n        Op::Input => {}\n        _ => {}\n    }\n}";
        let findings = check(&Tree::of(&[("crates/a/src/lib.rs", text)]));
        expect_test::expect!["crates/a/src/lib.rs:4: a `match` on `Op` has an arm for all the rest; name every operation, so that a new one does not compile until it is handled; to ask for a few, use `if let` or `matches!`"].assert_eq(&findings[0].to_string());
    }

    #[test]
    fn arms_for_the_rest() {
        assert!(refused("fn f() { match op { Op::Input => 1, other => 2 } }"));
        assert!(refused("fn f() { match op { graph::Op::Conv(conv) => 1, Op::Input | _ => 2 } }"));
        assert!(refused("fn f() { match (op, x) { (Op::Conv { .. }, 1) => 1, (_, _) => 2 } }"));
        assert!(refused("fn f() { match op { Some(Op::Input) => 1, rest @ _ => 2 } }"));
        assert!(refused("fn f() { let y = [match op { Op::Input => 1, _ if z => 2, _ => 3 }]; }"));
        assert!(refused("impl Op { fn f(&self) { match self { Self::Input => 1, _ => 2 } } }"));
    }

    #[test]
    fn allowed() {
        assert!(!refused("fn f() { match op { Op::Input => 1, Op::Conv(_) | Op::Linear { .. } => 2 } }"));
        assert!(!refused("fn f() { match kind { Padding::Same => 1, _ => 2 } }"));
        assert!(!refused("impl Kind { fn f(&self) { match self { Self::Input => 1, _ => 2 } } }"));
        assert!(!refused("fn f() { if let Op::Input = op {} }"));
        assert!(!refused("fn f() { matches!(op, Op::Input) }"));
        assert!(!refused("#[cfg(test)] mod tests { fn f() { match op { Op::Input => 1, _ => 2 } } }"));
        assert!(!refused("#[test] fn f() { match op { Op::Input => 1, _ => 2 } }"));
    }
}
