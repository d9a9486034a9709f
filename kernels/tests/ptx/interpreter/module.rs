//! A program: its variables and its kernels.

use std::collections::HashMap;

use super::{
    body,
    fault::{Fault, Problem},
    instruction::Instruction,
    lexer::Tokens,
    memory::{DYNAMIC_SHARED_BEGIN, Memory, PARAMETERS_BEGIN, STATIC_SHARED_BEGIN},
    names::{Names, Slots},
    reuse::share_slots,
    space::Space,
    types::Type,
};

/// A program, ready to run.
#[derive(Debug)]
pub(crate) struct Program {
    source: String,
    kernels: Vec<Kernel>,
    /// The memory of a card onto which nothing but the program is loaded.
    memory: Memory,
}

/// A kernel.
#[derive(Debug)]
pub(crate) struct Kernel {
    pub(crate) name: String,
    /// The line on which it begins.
    pub(crate) line: u32,
    pub(crate) instructions: Vec<Instruction>,
    pub(crate) slots: Slots,
    /// The most threads of a block, if the program says it.
    pub(crate) most_threads: Option<u32>,
    /// Shared memory that the program declares, in bytes.
    pub(crate) shared_bytes: usize,
    parameters: Vec<Parameter>,
}

/// Where a parameter lies in the memory for them.
#[derive(Debug)]
struct Parameter {
    offset: usize,
    bytes: usize,
}

/// The variables that a program declares, and the space they take.
#[derive(Debug)]
struct Variables<'a> {
    symbols: HashMap<&'a str, u64>,
    memory: Memory,
    shared_bytes: usize,
}

/// A declaration such as `.align 4 .b8 NAME[192]`.
struct Declaration<'a> {
    name: &'a str,
    ty: Type,
    align: usize,
    /// None for a size that the host decides.
    bytes: Option<usize>,
}

impl Program {
    /// Reads a program.
    ///
    /// # Errors
    ///
    /// The first thing that the interpreter does not know, or that makes no sense.
    pub(crate) fn parse(source: &str) -> Result<Self, Fault> {
        let mut tokens = Tokens::of(source)?;
        let mut kernels = Vec::new();
        let mut variables = Variables {
            symbols: HashMap::new(),
            memory: Memory::new(),
            shared_bytes: 0,
        };
        while !tokens.peek().is_empty() {
            match tokens.take()? {
                ".version" | ".target" => _ = tokens.take()?,
                ".address_size" => tokens.take_exactly("64")?,
                ".visible" | ".extern" | ".weak" => {}
                ".entry" => kernels.push(Kernel::parse(&mut tokens, &variables)?),
                space @ (".const" | ".global" | ".shared") => {
                    let space = Space::named(&space[1..]).expect("one of three");
                    variables.parse(&mut tokens, space)?;
                }
                other => return Err(tokens.fault(Problem::Unknown(other.into()))),
            }
        }
        Ok(Self {
            source: source.into(),
            kernels,
            memory: variables.memory,
        })
    }

    pub(crate) fn source(&self) -> &str {
        &self.source
    }

    pub(crate) fn kernel(&self, name: &str) -> Option<&Kernel> {
        self.kernels.iter().find(|kernel| kernel.name == name)
    }

    /// The memory of a card onto which nothing but the program is loaded.
    pub(crate) fn memory(&self) -> Memory {
        self.memory.clone()
    }
}

impl<'a> Variables<'a> {
    fn parse(&mut self, tokens: &mut Tokens<'a>, space: Space) -> Result<(), Fault> {
        let declared = Declaration::parse(tokens)?;
        let mut values = Vec::new();
        if tokens.take_if("=") {
            let list = tokens.take_if("{");
            loop {
                let value = tokens.take_integer()?.to_le_bytes();
                values.extend_from_slice(&value[..declared.ty.bytes()]);
                if !(list && tokens.take_if(",")) {
                    break;
                }
            }
            if list {
                tokens.take_exactly("}")?;
            }
        }
        tokens.take_exactly(";")?;
        let address = match (space, declared.bytes) {
            (Space::Shared, None) => DYNAMIC_SHARED_BEGIN,
            (Space::Shared, Some(_)) => declared.place_in_shared(&mut self.shared_bytes),
            (_, bytes) => {
                // What has no value of its own is zero.
                values.resize(bytes.unwrap_or(0), 0);
                if space == Space::Constant {
                    self.memory.add_constant(space, &values)
                } else {
                    self.memory.add_variable(&values)
                }
            }
        };
        let before = self.symbols.insert(declared.name, address);
        before.map_or(Ok(()), |_| {
            Err(tokens.fault(Problem::DeclaredTwice(declared.name.into())))
        })
    }
}

impl<'a> Declaration<'a> {
    /// Reads what follows the state space.
    fn parse(tokens: &mut Tokens<'a>) -> Result<Self, Fault> {
        let mut align = None;
        if tokens.take_if(".align") {
            align = Some(tokens.take_small()?);
        }
        let name = tokens.take()?;
        let ty = name.strip_prefix('.').and_then(Type::named);
        let ty = ty.ok_or_else(|| tokens.fault(Problem::Unknown(name.into())))?;
        let name = tokens.take()?;
        let mut elements = Some(1);
        if tokens.take_if("[") {
            elements = match tokens.peek() {
                "]" => None,
                _ => Some(tokens.take_small()?),
            };
            tokens.take_exactly("]")?;
        }
        Ok(Self {
            name,
            ty,
            align: align.unwrap_or(ty.bytes()),
            bytes: elements.map(|elements: usize| elements * ty.bytes()),
        })
    }

    /// Takes a place in shared memory of which `used` bytes are taken. Returns its address.
    fn place_in_shared(&self, used: &mut usize) -> u64 {
        let offset = used.next_multiple_of(self.align);
        *used = offset + self.bytes.unwrap_or(0);
        STATIC_SHARED_BEGIN + offset as u64
    }
}

impl Kernel {
    fn parse<'a>(tokens: &mut Tokens<'a>, variables: &Variables<'a>) -> Result<Self, Fault> {
        let name = tokens.take()?.into();
        let line = tokens.line();
        let mut names = Names::new(&variables.symbols);
        let mut parameters: Vec<Parameter> = Vec::new();
        tokens.take_exactly("(")?;
        while tokens.take_if(".param") {
            let declared = Declaration::parse(tokens)?;
            let taken = parameters.last().map_or(0, |last| last.offset + last.bytes);
            let offset = taken.next_multiple_of(declared.align);
            let address = PARAMETERS_BEGIN + offset as u64;
            let added = names.add_symbol(declared.name, address);
            added.map_err(|problem| tokens.fault(problem))?;
            let bytes = declared.bytes.unwrap_or(0);
            parameters.push(Parameter { offset, bytes });
            tokens.take_if(",");
        }
        tokens.take_exactly(")")?;
        let mut most_threads = None;
        loop {
            match tokens.take()? {
                ".maxntid" => {
                    let mut product: u32 = tokens.take_small()?;
                    while tokens.take_if(",") {
                        product = product.saturating_mul(tokens.take_small()?);
                    }
                    most_threads = Some(product);
                }
                ".minnctapersm" | ".maxnreg" => _ = tokens.take_integer()?,
                "{" => break,
                other => return Err(tokens.fault(Problem::Unknown(other.into()))),
            }
        }
        let mut shared_bytes = variables.shared_bytes;
        let mut instructions = body::parse(tokens, &mut names, |tokens| {
            let declared = Declaration::parse(tokens)?;
            tokens.take_exactly(";")?;
            Ok((declared.name, declared.place_in_shared(&mut shared_bytes)))
        })?;
        let slots = share_slots(&mut instructions, &names.into_slots());
        Ok(Self {
            name,
            line,
            instructions,
            slots,
            most_threads,
            shared_bytes,
            parameters,
        })
    }

    /// Puts parameters where the kernel expects them.
    pub(crate) fn laid_out(&self, given: &[&[u8]]) -> Result<Vec<u8>, Problem> {
        if given.len() != self.parameters.len() {
            return Err(Problem::Parameters {
                expected: self.parameters.len(),
                found: given.len(),
            });
        }
        let mut bytes = Vec::new();
        for (index, (parameter, value)) in self.parameters.iter().zip(given).enumerate() {
            if value.len() != parameter.bytes {
                return Err(Problem::ParameterSize {
                    index,
                    expected: parameter.bytes,
                    found: value.len(),
                });
            }
            bytes.resize(parameter.offset, 0);
            bytes.extend_from_slice(value);
        }
        Ok(bytes)
    }

    /// The line of an instruction.
    pub(crate) fn line_of(&self, at: usize) -> u32 {
        let last = self.instructions.last();
        let instruction = self.instructions.get(at).or(last);
        instruction.map_or(self.line, |it| it.line)
    }
}
