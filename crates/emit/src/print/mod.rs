//! Printing: a program as tokens, and those as text by `prettyplease`.

mod literals;
mod operations;

use std::collections::BTreeSet;

use graph::BatchNorm;
use proc_macro2::{Ident, Literal as Token, Span, TokenStream};
use quote::quote;

use crate::literal::{Literal, Type};
use crate::program::{
    Argument, Call, Ending, Entry, Function, FunctionCall, Program, Statement, Until, Variable,
};

/// The file of a program, without its first line.
pub(crate) fn source(program: &Program) -> String {
    let mut printer = Printer { imports: BTreeSet::new() };
    let mut items = Vec::new();
    if let Some(norm) = program.norm {
        items.push(printer.norm(norm));
    }
    items.push(printer.entry(&program.entry));
    for function in &program.functions {
        items.push(printer.function(function));
    }
    let imports: Vec<Ident> = printer.imports.into_iter().map(ident).collect();
    items.insert(0, quote!(use graph::{ #(#imports),* };));
    items.into_iter().map(layout).collect::<Vec<_>>().join("\n")
}

/// The lines of an item.
fn layout(item: TokenStream) -> String {
    let item: syn::Item = syn::parse2(item).expect("the printer writes valid Rust");
    prettyplease::unparse(&syn::File {
        shebang: None,
        frontmatter: None,
        attrs: Vec::new(),
        items: vec![item],
    })
}

/// A printer of items; it notes which names of `graph` they use.
struct Printer {
    imports: BTreeSet<&'static str>,
}

impl Printer {
    /// A name of `graph`.
    fn import(&mut self, name: &'static str) -> Ident {
        self.imports.insert(name);
        ident(name)
    }

    fn norm(&mut self, BatchNorm { eps, momentum, affine }: BatchNorm) -> TokenStream {
        let norm = self.import("BatchNorm");
        let (eps, momentum) = (literals::number(eps), literals::number(momentum));
        quote! {
            /// Batch norm settings that several layers share.
            const NORM: #norm = #norm { eps: #eps, momentum: #momentum, affine: #affine };
        }
    }

    fn entry(&mut self, entry: &Entry) -> TokenStream {
        let [graph, error] = ["Graph", "BuildError"].map(|name| self.import(name));
        let doc = format!(" {}", entry.doc);
        let input = if entry.takes_shape {
            let shape = self.import("Shape");
            quote!(input: impl Into<#shape>)
        } else {
            TokenStream::new()
        };
        let statements = self.statements(&entry.statements);
        let mut outputs = Vec::new();
        for (name, variable) in &entry.outputs {
            let variable = ident(variable);
            outputs.push(quote!(g.output(#name, #variable)));
        }
        let last = outputs.pop();
        quote! {
            #[doc = #doc]
            ///
            /// # Errors
            /// Names the node at fault.
            pub fn graph(#input) -> Result<#graph, #error> {
                #graph::build(|g| {
                    #statements
                    #(#outputs?;)*
                    #last
                })
            }
        }
    }

    fn function(&mut self, function: &Function) -> TokenStream {
        let [scope, value, error] = ["Scope", "Value", "BuildError"].map(|name| self.import(name));
        let (doc, name) = (format!(" {}", function.doc), ident(&function.name));
        let inputs = function.inputs.iter().map(binding).collect::<Vec<_>>();
        let mut parameters = Vec::new();
        for (name, ty) in &function.parameters {
            let (name, ty) = (ident(name), self.ty(ty));
            parameters.push(quote!(#name: #ty));
        }
        let allow = if 1 + inputs.len() + parameters.len() > 7 {
            quote!(#[allow(clippy::too_many_arguments, reason = "the blocks differ in this many numbers")])
        } else {
            TokenStream::new()
        };
        let result = match function.results {
            0 => quote!(()),
            1 => quote!(#value),
            n => {
                let n = Token::usize_unsuffixed(n);
                quote!([#value; #n])
            }
        };
        let statements = self.statements(&function.statements);
        let ending = match &function.ending {
            Ending::Call(call) => self.call(call),
            Ending::Values(names) => {
                let values = list(names);
                quote!(Ok(#values))
            }
        };
        quote! {
            #[doc = #doc]
            #allow
            fn #name(g: #scope<'_>, #(#inputs: #value,)* #(#parameters),*) -> Result<#result, #error> {
                #statements
                #ending
            }
        }
    }

    fn statements(&mut self, statements: &[Statement]) -> TokenStream {
        statements.iter().map(|statement| self.statement(statement)).collect()
    }

    fn statement(&mut self, statement: &Statement) -> TokenStream {
        match statement {
            Statement::Call { results, call } => {
                let call = self.call(call);
                let results: Vec<TokenStream> = results.iter().map(binding).collect();
                match results.as_slice() {
                    [] => quote!(#call?;),
                    [result] => quote!(let #result = #call?;),
                    results => quote!(let [#(#results),*] = #call?;),
                }
            }
            Statement::Copy { variable, from } => {
                let (variable, from) = (binding(variable), ident(from));
                quote!(let #variable = #from;)
            }
            Statement::Loop { start, until, variable, call } => {
                let (variable, call) = (ident(variable), self.call(call));
                let start = Token::usize_unsuffixed(*start);
                let (before, head) = self.loop_head(&start, until);
                quote! {
                    #before
                    for #head {
                        #variable = #call?;
                    }
                }
            }
        }
    }

    /// The statement before a loop, if there is one, and the loop's variables and range.
    fn loop_head(&mut self, start: &Token, until: &Until) -> (TokenStream, TokenStream) {
        let (columns, rows, types) = match until {
            Until::End(end) => {
                let end = self.plain(end);
                return (TokenStream::new(), quote!(i in #start..#end));
            }
            Until::Rows { columns, rows, types } => (columns, rows, types),
        };
        let columns: Vec<Ident> = columns.iter().map(|name| ident(name)).collect();
        let pattern =
            if let [column] = columns.as_slice() { quote!(#column) } else { quote!((#(#columns),*)) };
        match rows {
            Argument::Constant(Literal::Rows(cells)) => {
                let rows = self.rows(cells, types);
                if let [_] = columns.as_slice() {
                    return (TokenStream::new(), quote!((i, #pattern) in (#start..).zip([#(#rows),*])));
                }
                (quote!(let rows = [#(#rows),*];), quote!((i, #pattern) in (#start..).zip(rows)))
            }
            rows => {
                let rows = self.plain(rows);
                (TokenStream::new(), quote!((i, &#pattern) in (#start..).zip(#rows)))
            }
        }
    }

    fn call(&mut self, call: &Call) -> TokenStream {
        match call {
            Call::Node(node) => self.node(node),
            Call::Function(FunctionCall { function, scope, inputs, arguments }) => {
                let function = ident(function);
                let scope = if let Some(path) = scope { quote!(g / #path) } else { quote!(g / i) };
                let inputs = inputs.iter().map(|name| ident(name));
                let arguments: Vec<TokenStream> =
                    arguments.iter().map(|(argument, ty)| self.as_type(argument, ty)).collect();
                quote!(#function(#scope, #(#inputs,)* #(#arguments),*))
            }
        }
    }

    fn ty(&mut self, ty: &Type) -> TokenStream {
        match ty {
            Type::Count => quote!(usize),
            Type::Number => quote!(f64),
            Type::Flag => quote!(bool),
            Type::Extent => {
                let extent = self.import("Extent");
                quote!(#extent)
            }
            Type::Named(name) => {
                let name = self.import(name);
                quote!(#name)
            }
            Type::Rows(columns) => {
                let columns: Vec<TokenStream> = columns.iter().map(|column| self.ty(column)).collect();
                if let [column] = columns.as_slice() {
                    quote!(&[#column])
                } else {
                    quote!(&[(#(#columns),*)])
                }
            }
        }
    }
}

fn ident(name: &str) -> Ident {
    Ident::new(name, Span::call_site())
}

fn binding(variable: &Variable) -> TokenStream {
    let name = ident(&variable.name);
    if variable.mutable { quote!(mut #name) } else { quote!(#name) }
}

/// One variable, or several as an array; nothing as a unit.
fn list(names: &[String]) -> TokenStream {
    let names: Vec<Ident> = names.iter().map(|name| ident(name)).collect();
    match names.as_slice() {
        [] => quote!(()),
        [name] => quote!(#name),
        names => quote!([#(#names),*]),
    }
}
