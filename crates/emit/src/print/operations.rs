//! Operations as calls of [`graph::Scope`]'s methods.

use graph::{BatchNorm, Conv, ConvTranspose, Op};
use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::{Printer, ident};
use crate::attributes::attributes;
use crate::literal::{Literal, Type};
use crate::program::{Argument, Form, NodeCall};

impl Printer {
    /// The call that adds a node to the scope `g`.
    pub(super) fn node(&mut self, node: &NodeCall) -> TokenStream {
        let NodeCall { name, op, inputs, attributes, form } = node;
        let inputs: Vec<Ident> = inputs.iter().map(|name| ident(name)).collect();
        match form {
            Form::GivenInput => return quote!(g.input(#name, input)),
            Form::Input(shape) => {
                let dims = shape.dims().into_iter().map(proc_macro2::Literal::usize_unsuffixed);
                return quote!(g.input(#name, [#(#dims),*]));
            }
            Form::NamedNorm => return quote!(g.batch_norm(#name, #(#inputs),*, NORM)),
            Form::Plain => {}
        }
        let arguments = match op {
            Op::Conv(_) => vec![self.changed("Conv", &Op::Conv(Conv::new(0, 0)), 2, attributes)],
            Op::ConvTranspose(_) => {
                let default = Op::ConvTranspose(ConvTranspose::new(0, 0, 0));
                vec![self.changed("ConvTranspose", &default, 3, attributes)]
            }
            Op::BatchNorm(_) => {
                vec![self.changed("BatchNorm", &Op::BatchNorm(BatchNorm::default()), 0, attributes)]
            }
            Op::GroupNorm(_) => vec![self.structure("GroupNorm", op, attributes)],
            Op::MaxPool(_) | Op::AveragePool { .. } => {
                let (pool, rest) = attributes.split_at(3);
                let mut arguments = vec![self.structure("Pool", op, pool)];
                arguments.extend(rest.iter().map(|argument| self.plain(argument)));
                arguments
            }
            Op::Linear(_) => match attributes.as_slice() {
                [out, Argument::Constant(Literal::Flag(true))] => vec![self.plain(out)],
                attributes => return self.linear(name, &inputs, attributes),
            },
            Op::Add | Op::Concat => {
                let method = ident(op.name());
                return quote!(g.#method(#name, &[#(#inputs),*]));
            }
            Op::LayerNorm { .. } | Op::PositionNorm { .. } | Op::Activation(_) | Op::Slice { .. } => {
                self.all_plain(attributes)
            }
            Op::Upsample { .. } | Op::Select(_) | Op::Dropout { .. } => self.all_plain(attributes),
            Op::Input { .. } | Op::Softmax | Op::Multiply | Op::GlobalMean => Vec::new(),
            Op::CropOrPad | Op::Reverse | Op::Flatten => Vec::new(),
        };
        let method = ident(op.name());
        quote!(g.#method(#name, #(#inputs,)* #(#arguments),*))
    }

    fn all_plain(&mut self, attributes: &[Argument]) -> Vec<TokenStream> {
        attributes.iter().map(|argument| self.plain(argument)).collect()
    }

    /// A linear layer that says whether it has a bias.
    fn linear(&mut self, name: &str, inputs: &[Ident], attributes: &[Argument]) -> TokenStream {
        let [op, linear] = ["Op", "Linear"].map(|name| self.import(name));
        let out = self.field("out", &attributes[0], &Type::Count);
        let bias = self.field("bias", &attributes[1], &Type::Flag);
        quote!(g.op(#name, #op::Linear(#linear { #out, #bias }), &[#(#inputs),*]))
    }

    /// A struct with all fields.
    fn structure(&mut self, name: &'static str, op: &Op, arguments: &[Argument]) -> TokenStream {
        let name = self.import(name);
        let words = attributes(op);
        let mut fields = Vec::new();
        for ((word, literal), argument) in words.iter().zip(arguments) {
            fields.push(self.field(word, argument, &field_type(literal)));
        }
        quote!(#name { #(#fields),* })
    }

    /// A struct with the fields that differ from those of `default`. The first `given` ones are the
    /// arguments of its `new`.
    fn changed(
        &mut self,
        name: &'static str,
        default: &Op,
        given: usize,
        arguments: &[Argument],
    ) -> TokenStream {
        let name = self.import(name);
        let mut fields = Vec::new();
        for ((word, default), argument) in attributes(default).iter().zip(arguments).skip(given) {
            if !is(argument, default) {
                fields.push(self.field(word, argument, &field_type(default)));
            }
        }
        if given == 0 && fields.len() == arguments.len() {
            return quote!(#name { #(#fields),* });
        }
        let given = self.all_plain(&arguments[..given]);
        let base = if given.is_empty() { quote!(#name::default()) } else { quote!(#name::new(#(#given),*)) };
        if fields.is_empty() { base } else { quote!(#name { #(#fields,)* ..#base }) }
    }

    /// `name: value`, or `name` alone if the value is a variable of that name.
    fn field(&mut self, name: &str, argument: &Argument, ty: &Type) -> TokenStream {
        let value = self.as_type(argument, ty);
        let field = ident(name);
        if value.to_string() == name { quote!(#field) } else { quote!(#field: #value) }
    }
}

fn is(argument: &Argument, literal: &Literal) -> bool {
    matches!(argument, Argument::Constant(constant) if constant == literal)
}

/// The type of an option's field.
fn field_type(literal: &Literal) -> Type {
    if let Literal::Size(_) = literal { Type::Extent } else { Type::of(&[literal]) }
}
