//! The body of a kernel: declarations, labels and statements.

use std::collections::HashMap;

use super::{
    decode::decode,
    fault::{Fault, Problem},
    instruction::{Guard, Instruction, Op},
    lexer::Tokens,
    names::{Names, Operand},
    types::Type,
};

/// Reads a body behind its opening brace, up to its end. `shared` reads a declaration of shared memory, which gives a
/// name and an address.
pub(crate) fn parse<'a>(
    tokens: &mut Tokens<'a>,
    names: &mut Names<'a>,
    mut shared: impl FnMut(&mut Tokens<'a>) -> Result<(&'a str, u64), Fault>,
) -> Result<Vec<Instruction>, Fault> {
    let mut instructions: Vec<Instruction> = Vec::new();
    let mut labels = HashMap::new();
    // The labels that branches name, which may come later.
    let mut wanted = Vec::new();
    names.enter_scope();
    loop {
        match tokens.take()? {
            "{" => names.enter_scope(),
            "}" => {
                if !names.leave_scope() {
                    break;
                }
            }
            ".reg" => parse_registers(tokens, names)?,
            ".pragma" => {
                tokens.take()?;
                tokens.take_exactly(";")?;
            }
            ".shared" => {
                let (name, address) = shared(tokens)?;
                let added = names.add_symbol(name, address);
                added.map_err(|problem| tokens.fault(problem))?;
            }
            label if tokens.take_if(":") => {
                if labels.insert(label, instructions.len()).is_some() {
                    return Err(tokens.fault(Problem::DeclaredTwice(label.into())));
                }
            }
            first => {
                let line = tokens.line();
                let guard = parse_guard(first, tokens, names)?;
                let opcode = if first == "@" { tokens.take()? } else { first };
                let operands = parse_operands(tokens, ";")?;
                let op = decode(opcode, &operands, names);
                let op = op.map_err(|problem| tokens.fault(problem))?;
                if let (Op::Branch { .. }, Some(Operand::Name(label))) = (op, operands.first()) {
                    let fault = tokens.fault(Problem::Undeclared((*label).into()));
                    wanted.push((instructions.len(), *label, fault));
                }
                instructions.push(Instruction { guard, op, line });
            }
        }
    }
    for (branch, label, fault) in wanted {
        let target = labels.get(label).ok_or(fault)?;
        let target = u32::try_from(*target).expect("a program has less than 2^32");
        instructions[branch].op = Op::Branch { target };
    }
    Ok(instructions)
}

/// Reads `.b32 %r<7>, %SP;`.
fn parse_registers<'a>(tokens: &mut Tokens<'a>, names: &mut Names<'a>) -> Result<(), Fault> {
    let name = tokens.take()?;
    let ty = name.strip_prefix('.').and_then(Type::named);
    let ty = ty.ok_or_else(|| tokens.fault(Problem::Unknown(name.into())))?;
    loop {
        let name = tokens.take()?;
        let mut count = None;
        if tokens.take_if("<") {
            count = Some(tokens.take_small()?);
            tokens.take_exactly(">")?;
        }
        let added = names.add_registers(name, count, ty);
        added.map_err(|problem| tokens.fault(problem))?;
        if !tokens.take_if(",") {
            return tokens.take_exactly(";");
        }
    }
}

fn parse_guard<'a>(
    first: &str,
    tokens: &mut Tokens<'a>,
    names: &mut Names<'a>,
) -> Result<Option<Guard>, Fault> {
    if first != "@" {
        return Ok(None);
    }
    let wanted = !tokens.take_if("!");
    let register = Operand::Name(tokens.take()?);
    let predicate = names.target(&register, Type::PREDICATE);
    let predicate = predicate.map_err(|problem| tokens.fault(problem))?;
    Ok(Some(Guard { predicate, wanted }))
}

/// Reads operands with commas between them, and the sign that ends them.
fn parse_operands<'a>(
    tokens: &mut Tokens<'a>,
    end: &'static str,
) -> Result<Vec<Operand<'a>>, Fault> {
    let mut operands = Vec::new();
    if tokens.take_if(end) {
        return Ok(operands);
    }
    loop {
        operands.push(parse_operand(tokens)?);
        if !tokens.take_if(",") {
            tokens.take_exactly(end)?;
            return Ok(operands);
        }
    }
}

fn parse_operand<'a>(tokens: &mut Tokens<'a>) -> Result<Operand<'a>, Fault> {
    if tokens.take_if("{") {
        return Ok(Operand::Vector(parse_operands(tokens, "}")?));
    }
    if tokens.take_if("[") {
        let base = parse_operand(tokens)?;
        let offset = match tokens.peek() {
            "+" => {
                tokens.take()?;
                tokens.take_integer()?
            }
            "-" => tokens.take_integer()?,
            _ => 0,
        };
        tokens.take_exactly("]")?;
        return Ok(Operand::Address(Box::new(base), offset));
    }
    let first = tokens.peek();
    if first == "-" || first.starts_with(|it: char| it.is_ascii_digit()) {
        return tokens.take_integer().map(Operand::Integer);
    }
    Ok(Operand::Name(tokens.take()?))
}
