//! Constants and arguments as tokens.

use graph::Extent;
use proc_macro2::{Literal as Token, TokenStream};
use quote::quote;

use super::{Printer, ident};
use crate::literal::{Literal, Type};
use crate::program::Argument;

impl Printer {
    /// An argument as its own type, or where anything is taken that becomes an extent.
    pub(super) fn plain(&mut self, argument: &Argument) -> TokenStream {
        match argument {
            Argument::Constant(literal) => self.literal(literal),
            Argument::Name(name, _) => {
                let name = ident(name);
                quote!(#name)
            }
            Argument::Width { variable, times, over } => {
                let variable = ident(variable);
                let mut width = quote!(g.channels(#variable));
                if *times > 1 {
                    let times = Token::usize_unsuffixed(*times);
                    width = quote!(#times * #width);
                }
                if *over > 1 {
                    let over = Token::usize_unsuffixed(*over);
                    width = quote!(#width / #over);
                }
                width
            }
        }
    }

    /// An argument where a value of this type is expected.
    pub(super) fn as_type(&mut self, argument: &Argument, ty: &Type) -> TokenStream {
        match (argument, ty) {
            (Argument::Constant(literal), _) => self.literal_as(literal, ty),
            (Argument::Name(name, Type::Count), Type::Extent) => {
                let name = ident(name);
                quote!(#name.into())
            }
            _ => self.plain(argument),
        }
    }

    /// Rows as tuples, or with one column as plain cells.
    pub(super) fn rows(&mut self, rows: &[Vec<Literal>], types: &[Type]) -> Vec<TokenStream> {
        let mut printed = Vec::new();
        for row in rows {
            let cells: Vec<TokenStream> =
                row.iter().zip(types).map(|(cell, ty)| self.literal_as(cell, ty)).collect();
            printed.push(if let [cell] = cells.as_slice() { quote!(#cell) } else { quote!((#(#cells),*)) });
        }
        printed
    }

    fn literal_as(&mut self, literal: &Literal, ty: &Type) -> TokenStream {
        match (literal, ty) {
            (Literal::Size(size), Type::Extent) => {
                let size = extent(*size);
                quote!(#size.into())
            }
            (Literal::Rows(rows), Type::Rows(types)) => {
                let rows = self.rows(rows, types);
                quote!(&[#(#rows),*])
            }
            _ => self.literal(literal),
        }
    }

    fn literal(&mut self, literal: &Literal) -> TokenStream {
        match literal {
            Literal::Count(n) => extent(Extent::All(*n)),
            Literal::Size(size) => extent(*size),
            Literal::Number(value) => number(*value),
            Literal::Flag(flag) => quote!(#flag),
            Literal::Named(name, variant) => {
                let (name, variant) = (self.import(name), tokens(variant));
                quote!(#name::#variant)
            }
            Literal::Rows(_) => unreachable!("rows are printed with the types of their columns"),
        }
    }
}

fn extent(extent: Extent) -> TokenStream {
    tokens(&extent.to_string())
}

/// A number with as many digits as tell it apart.
pub(super) fn number(number: f64) -> TokenStream {
    tokens(&format!("{number:?}"))
}

fn tokens(text: &str) -> TokenStream {
    text.parse().expect("literals are valid Rust")
}
