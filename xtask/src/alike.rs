//! Functions of a WebAssembly program brought next to those that they are like.
//!
//! The compiler makes many that differ in a few bytes, one for each type, and puts them far apart.
//! What compresses a download (gzip, `deflate`) looks back 32 KiB only: in this order it finds them,
//! and the download is a tenth smaller. The program does the same.

#![allow(clippy::indexing_slicing, reason = "functions and runs have the numbers given here")]

use std::collections::{HashMap, VecDeque};
use wasm_encoder::reencode::{Error, Reencode, utils};
use wasm_encoder::{CodeSection, FunctionSection, Module};
use wasmparser::{CodeSectionReader, FunctionSectionReader, Parser, Payload, TypeRef};

/// How far back is looked for what is alike: of what compression sees, the half that stays in sight.
const WINDOW_BYTES: usize = 16_000;

/// How many bytes in a row make functions alike.
const RUN_BYTES: usize = 8;

/// What more functions have in common than this tells nothing about any of them.
const COMMON_FUNCTIONS: usize = 400;

/// So that short functions, which are like anything, do not come first.
const SHORT_BYTES: usize = 20;

/// The program with its functions in the new order.
pub fn reordered(program: &[u8]) -> Result<Vec<u8>, String> {
    let mut order = Order::of(program).map_err(|error| error.to_string())?;
    let mut module = Module::new();
    let done = order.parse_core_module(&mut module, Parser::new(0), program);
    done.map_err(|error| format!("reordering the program: {error}"))?;
    Ok(module.finish())
}

struct Order {
    /// Imported functions come first and keep their numbers.
    imported: usize,
    /// The functions by their new places.
    order: Vec<usize>,
    /// The new places of functions.
    places: Vec<u32>,
}

impl Order {
    fn of(program: &[u8]) -> Result<Self, wasmparser::BinaryReaderError> {
        let (mut imported, mut bodies) = (0, Vec::new());
        for payload in Parser::new(0).parse_all(program) {
            match payload? {
                Payload::ImportSection(imports) => {
                    for import in imports.into_imports() {
                        imported += usize::from(matches!(import?.ty, TypeRef::Func(_)));
                    }
                }
                Payload::CodeSectionEntry(body) => bodies.push(&program[body.range()]),
                _ => {}
            }
        }
        let order = chained(&bodies);
        let mut places = vec![0; order.len()];
        for (place, &function) in (imported as u32..).zip(&order) {
            places[function] = place;
        }
        Ok(Self { imported, order, places })
    }
}

impl Reencode for Order {
    type Error = std::convert::Infallible;

    fn function_index(&mut self, function: u32) -> Result<u32, Error> {
        let own = (function as usize).checked_sub(self.imported);
        Ok(own.map_or(function, |own| self.places[own]))
    }

    fn parse_function_section(
        &mut self,
        functions: &mut FunctionSection,
        section: FunctionSectionReader<'_>,
    ) -> Result<(), Error> {
        let types = section.into_iter().collect::<Result<Vec<u32>, _>>()?;
        self.order.iter().for_each(|function| _ = functions.function(types[*function]));
        Ok(())
    }

    fn parse_code_section(
        &mut self,
        code: &mut CodeSection,
        section: CodeSectionReader<'_>,
    ) -> Result<(), Error> {
        let bodies = section.into_iter().collect::<Result<Vec<_>, _>>()?;
        for function in self.order.clone() {
            utils::parse_function_body(self, code, bodies[function].clone())?;
        }
        Ok(())
    }
}

/// One after another, always the one that has most in common with those just before.
fn chained(bodies: &[&[u8]]) -> Vec<usize> {
    let (runs, holders) = runs(bodies);
    let mut alike = vec![0_u32; bodies.len()];
    let mut left: Vec<usize> = (0..bodies.len()).collect();
    let mut in_window = vec![0_u32; holders.len()];
    let (mut window, mut window_bytes) = (VecDeque::new(), 0);
    let mut order = Vec::with_capacity(bodies.len());
    while let Some(next) = most_alike(&left, &alike, bodies) {
        let function = left.swap_remove(next);
        order.push(function);
        window.push_back(function);
        window_bytes += bodies[function].len();
        for &run in &runs[function] {
            in_window[run] += 1;
            if in_window[run] == 1 {
                holders[run].iter().for_each(|&holder| alike[holder] += 1);
            }
        }
        while window_bytes > WINDOW_BYTES && window.len() > 1 {
            let Some(passed) = window.pop_front() else { break };
            window_bytes -= bodies[passed].len();
            for &run in &runs[passed] {
                in_window[run] -= 1;
                if in_window[run] == 0 {
                    holders[run].iter().for_each(|&holder| alike[holder] -= 1);
                }
            }
        }
    }
    order
}

/// Where in the list it is: the largest share of its bytes in common, or the first.
fn most_alike(left: &[usize], alike: &[u32], bodies: &[&[u8]]) -> Option<usize> {
    let share = |function: usize| {
        let bytes = (bodies[function].len() + SHORT_BYTES) as u64;
        (u64::from(alike[function]) << 32) / bytes
    };
    let best =
        |(place, &function): (usize, &usize)| (share(function), std::cmp::Reverse(function), place);
    left.iter().enumerate().map(best).max().map(|(_, _, place)| place)
}

/// The runs of bytes that each function has in common with some, and the functions that have each.
fn runs(bodies: &[&[u8]]) -> (Vec<Vec<usize>>, Vec<Vec<usize>>) {
    let mut holders: HashMap<&[u8], Vec<usize>> = HashMap::new();
    for (function, body) in bodies.iter().enumerate() {
        for run in body.windows(RUN_BYTES) {
            let holders = holders.entry(run).or_default();
            if holders.last() != Some(&function) {
                holders.push(function);
            }
        }
    }
    let mut runs = vec![Vec::new(); bodies.len()];
    let telling = |holders: &Vec<usize>| (2..=COMMON_FUNCTIONS).contains(&holders.len());
    let holders: Vec<Vec<usize>> = holders.into_values().filter(telling).collect();
    for (run, holders) in holders.iter().enumerate() {
        holders.iter().for_each(|&holder| runs[holder].push(run));
    }
    (runs, holders)
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_encoder::{ExportKind, ExportSection, Function, Instruction, TypeSection, ValType};

    /// What answers with `base` and numbers after it; the last calls `callee` first.
    fn function(base: i32, callee: Option<u32>) -> Function {
        let mut function = Function::new([]);
        if let Some(callee) = callee {
            function.instruction(&Instruction::Call(callee)).instruction(&Instruction::Drop);
        }
        for number in 0..20 {
            function.instruction(&Instruction::I32Const(base + number));
            function.instruction(&Instruction::Drop);
        }
        function.instruction(&Instruction::I32Const(base)).instruction(&Instruction::End);
        function
    }

    fn program() -> Vec<u8> {
        let (mut types, mut functions) = (TypeSection::new(), FunctionSection::new());
        let (mut exports, mut code) = (ExportSection::new(), CodeSection::new());
        types.ty().function([], [ValType::I32]);
        for (number, base) in [(0, 100), (1, 5_000), (2, 100)] {
            functions.function(0);
            exports.export(&format!("{base} {number}"), ExportKind::Func, number);
            code.function(&function(base, (number == 2).then_some(1)));
        }
        let mut module = Module::new();
        module.section(&types).section(&functions).section(&exports).section(&code);
        module.finish()
    }

    fn parts(program: &[u8]) -> (Vec<(String, u32)>, Vec<Vec<u8>>) {
        let (mut exported, mut bodies) = (Vec::new(), Vec::new());
        for payload in Parser::new(0).parse_all(program) {
            match payload.unwrap() {
                Payload::ExportSection(exports) => {
                    let exports = exports.into_iter().map(Result::unwrap);
                    exported.extend(exports.map(|it| (it.name.to_owned(), it.index)));
                }
                Payload::CodeSectionEntry(body) => bodies.push(program[body.range()].to_vec()),
                _ => {}
            }
        }
        (exported, bodies)
    }

    #[test]
    fn what_is_alike_comes_together_and_whoever_calls_it_finds_it() {
        let (exported, bodies) = parts(&reordered(&program()).unwrap());
        let places: Vec<u32> = exported.iter().map(|(_, place)| *place).collect();
        assert_eq!(places[0].abs_diff(places[2]), 1, "{exported:?}");
        for ((name, place), (base, callee)) in
            exported.iter().zip([(100, None), (5_000, None), (100, Some(places[1]))])
        {
            let expected = function(base, callee).into_raw_body();
            assert_eq!(bodies[*place as usize], expected, "{name}");
        }
    }
}
