//! What is in a component? Counts it section by section and stops at the first thing beyond a limit.

use synapse_domain::limits::Plan;
use wasmparser::{
    BinaryReaderError, CanonicalFunction, CanonicalOption, ComponentExternalKind, ComponentTypeRef, Instance, Operator,
    Parser, Payload,
};

use super::{HANDLER, Parts, Refused};
use crate::settings::TABLES;

/// Imports of a component; a world of all our interfaces and all of WASI has about 50.
const IMPORTS: u64 = 100;
/// Nested components: bindings generators make one per exported interface.
const COMPONENTS: u64 = 32;
/// How deep they nest. Theirs hold no code, so depth is not needed.
const DEPTH: usize = 2;
/// Component-level instances, functions and aliases, each of which costs compile time.
const COMPONENT_ITEMS: u64 = 20_000;
/// Imports of one core module.
const MODULE_IMPORTS: u64 = 2_000;
/// Globals of one core module: each takes 16 bytes of the instance's megabyte.
const GLOBALS: u64 = 10_000;
/// Types of a module or component.
const TYPES: u64 = 20_000;
/// Data and element segments of one core module.
const SEGMENTS: u64 = 100_000;
/// Bytes of one function body; the largest of a real guest has 427 KB (guests-and-engine.md 5.2).
const BODY_BYTES: u64 = 2 << 20;
/// Locals of one function; the most of a real guest are 271.
const LOCALS: u64 = 2_000;
/// Compile time grows with locals times loops: 5,000 x 5,000 cost 22 s and 2.5 GB in 55 KB of component.
const LOCALS_TIMES_LOOPS: u64 = 500_000;
/// Functions with fewer locals than this are not searched for loops: their bodies are too short to matter.
const FEW_LOCALS: u64 = 64;
const PAGE: u64 = 64 << 10;

const SPLIT: &str = "Split the workflow, or leave out the library that brings them";
const INTERPRETER: &str = "If it brings an interpreter, ask for plan `large`";
const GENERATED: &str = "No toolchain makes such a component; build it with a supported one";
const COMPOSED: &str = "Composed components are not supported: link the libraries into one module";
const SYNC: &str = "Build with the synchronous ABI (QuickJS: `--sync`)";

/// What a walk found.
#[derive(Default)]
pub(super) struct Walked {
    pub(super) imports: Vec<String>,
    pub(super) has_handler: bool,
    pub(super) parts: Parts,
}

/// Where in the nesting the parser is.
#[derive(PartialEq)]
enum Place {
    Module,
    Component,
}

struct Walk<'p> {
    plan: &'p Plan,
    found: Walked,
    places: Vec<Place>,
    components: u64,
    component_items: u64,
}

/// Reads the whole component.
pub(super) fn walk(bytes: &[u8], plan: &Plan) -> Result<Walked, Refused> {
    let found = Walked {
        parts: Parts {
            bytes: bytes.len(),
            ..Parts::default()
        },
        ..Walked::default()
    };
    let mut walk = Walk {
        plan,
        found,
        places: Vec::new(),
        components: 0,
        component_items: 0,
    };
    for payload in Parser::new(0).parse_all(bytes) {
        walk.payload(payload.map_err(malformed)?)?;
    }
    Ok(walk.found)
}

impl Walk<'_> {
    fn payload(&mut self, payload: Payload<'_>) -> Result<(), Refused> {
        match payload {
            Payload::Version { encoding, range, .. } => {
                let component = encoding == wasmparser::Encoding::Component;
                self.places
                    .push(if component { Place::Component } else { Place::Module });
                let depth = self.places.iter().filter(|place| **place == Place::Component).count();
                limit(
                    "levels of nested components",
                    depth as u64,
                    DEPTH as u64,
                    range.start,
                    COMPOSED,
                )
            }
            Payload::End(_) => {
                self.places.pop();
                Ok(())
            }
            Payload::ComponentSection { unchecked_range, .. } => {
                add(&mut self.components, 1);
                limit(
                    "nested components",
                    self.components,
                    COMPONENTS,
                    unchecked_range.start,
                    COMPOSED,
                )
            }
            Payload::ComponentStartSection { range, .. } => {
                unsupported("a component start function", range.start, GENERATED)
            }
            Payload::UnknownSection { id, range, .. } => unsupported(&format!("section {id}"), range.start, GENERATED),
            payload if self.places.last() == Some(&Place::Module) => self.module_section(&payload),
            payload => self.component_section(payload),
        }
    }

    /// A section of a core module.
    fn module_section(&mut self, payload: &Payload<'_>) -> Result<(), Refused> {
        let plan = self.plan;
        let parts = &mut self.found.parts;
        match payload {
            Payload::TypeSection(s) => limit("types", s.count().into(), TYPES, s.range().start, SPLIT),
            Payload::ImportSection(s) => limit(
                "imports of a module",
                s.count().into(),
                MODULE_IMPORTS,
                s.range().start,
                SPLIT,
            ),
            Payload::GlobalSection(s) => limit("globals", s.count().into(), GLOBALS, s.range().start, SPLIT),
            Payload::ElementSection(s) => limit("element segments", s.count().into(), SEGMENTS, s.range().start, SPLIT),
            Payload::DataSection(s) => limit("data segments", s.count().into(), SEGMENTS, s.range().start, SPLIT),
            Payload::TagSection(s) => unsupported("exceptions", s.range().start, "Build without exception handling"),
            Payload::FunctionSection(s) => {
                parts.functions = parts.functions.saturating_add(s.count());
                limit(
                    "functions",
                    parts.functions.into(),
                    plan.functions.into(),
                    s.range().start,
                    SPLIT,
                )
            }
            Payload::TableSection(s) => {
                parts.tables = parts.tables.saturating_add(s.count());
                limit("tables", parts.tables.into(), TABLES.into(), s.range().start, GENERATED)?;
                for table in s.clone().into_iter_with_offsets() {
                    let (offset, table) = table.map_err(malformed)?;
                    limit(
                        "table elements",
                        table.ty.initial,
                        plan.table_elements.into(),
                        offset,
                        SPLIT,
                    )?;
                }
                Ok(())
            }
            Payload::MemorySection(s) => {
                parts.memories = parts.memories.saturating_add(s.count());
                limit(
                    "memories",
                    parts.memories.into(),
                    plan.memories.into(),
                    s.range().start,
                    GENERATED,
                )?;
                for memory in s.clone().into_iter_with_offsets() {
                    let (offset, memory) = memory.map_err(malformed)?;
                    if memory.memory64 || memory.shared || memory.page_size_log2.is_some() {
                        return unsupported(
                            "a 64-bit, shared or odd-paged memory",
                            offset,
                            "Build for wasm32 without threads",
                        );
                    }
                    parts.memory_bytes = parts.memory_bytes.saturating_add(memory.initial.saturating_mul(PAGE));
                    limit(
                        "bytes of initial memory",
                        parts.memory_bytes,
                        plan.run.memory_bytes,
                        offset,
                        INTERPRETER,
                    )?;
                }
                Ok(())
            }
            Payload::CodeSectionEntry(body) => function(body),
            _ => Ok(()),
        }
    }

    /// A section of a component, the outermost or a nested one.
    fn component_section(&mut self, payload: Payload<'_>) -> Result<(), Refused> {
        let outermost = self.places.len() == 1;
        match payload {
            Payload::ModuleSection { unchecked_range, .. } => {
                if !outermost {
                    return unsupported("code in a nested component", unchecked_range.start, COMPOSED);
                }
                self.found.parts.modules = self.found.parts.modules.saturating_add(1);
                let (modules, most) = (self.found.parts.modules.into(), self.plan.core_instances.into());
                limit("core modules", modules, most, unchecked_range.start, INTERPRETER)
            }
            Payload::InstanceSection(s) => {
                self.items(s.count(), s.range().start)?;
                for instance in s.into_iter_with_offsets() {
                    let (offset, instance) = instance.map_err(malformed)?;
                    if matches!(instance, Instance::Instantiate { .. }) {
                        if !outermost {
                            return unsupported("code in a nested component", offset, COMPOSED);
                        }
                        let parts = &mut self.found.parts;
                        parts.core_instances = parts.core_instances.saturating_add(1);
                        limit(
                            "core instances",
                            parts.core_instances.into(),
                            self.plan.core_instances.into(),
                            offset,
                            INTERPRETER,
                        )?;
                    }
                }
                Ok(())
            }
            Payload::CoreTypeSection(s) => limit("types", s.count().into(), TYPES, s.range().start, SPLIT),
            Payload::ComponentTypeSection(s) => self.items(s.count(), s.range().start),
            Payload::ComponentInstanceSection(s) => self.items(s.count(), s.range().start),
            Payload::ComponentAliasSection(s) => self.items(s.count(), s.range().start),
            Payload::ComponentCanonicalSection(s) => {
                self.items(s.count(), s.range().start)?;
                for function in s.into_iter_with_offsets() {
                    let (offset, function) = function.map_err(malformed)?;
                    canonical(&function, offset)?;
                }
                Ok(())
            }
            Payload::ComponentImportSection(s) => {
                self.items(s.count(), s.range().start)?;
                if !outermost {
                    return Ok(());
                }
                for import in s.into_iter_with_offsets() {
                    let (offset, import) = import.map_err(malformed)?;
                    match import.ty {
                        ComponentTypeRef::Instance(_) => self.found.imports.push(import.name.name.to_owned()),
                        // A world's own `use` of a type: nothing is linked for it.
                        ComponentTypeRef::Type(_) => {}
                        _ => {
                            return unsupported(
                                "an import that is not an interface",
                                offset,
                                "Put the function into an interface of a WIT package",
                            );
                        }
                    }
                    limit("imports", self.found.imports.len() as u64, IMPORTS, offset, GENERATED)?;
                }
                Ok(())
            }
            Payload::ComponentExportSection(s) => {
                self.items(s.count(), s.range().start)?;
                for export in s {
                    let export = export.map_err(malformed)?;
                    let handler = export.name.name == HANDLER && export.kind == ComponentExternalKind::Instance;
                    self.found.has_handler |= outermost && handler;
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn items(&mut self, count: u32, offset: usize) -> Result<(), Refused> {
        add(&mut self.component_items, count);
        limit(
            "component-level items",
            self.component_items,
            COMPONENT_ITEMS,
            offset,
            GENERATED,
        )
    }
}

/// Only the synchronous ABI with UTF-8: the transcoders of the other encodings have had out-of-bounds writes.
fn canonical(function: &CanonicalFunction, offset: usize) -> Result<(), Refused> {
    let options = match function {
        CanonicalFunction::Lift { options, .. } | CanonicalFunction::Lower { options, .. } => options,
        CanonicalFunction::ResourceNew { .. }
        | CanonicalFunction::ResourceDrop { .. }
        | CanonicalFunction::ResourceRep { .. } => {
            return Ok(());
        }
        _ => return unsupported("an asynchronous or threaded built-in", offset, SYNC),
    };
    for option in options {
        match option {
            CanonicalOption::UTF8
            | CanonicalOption::Memory(_)
            | CanonicalOption::Realloc(_)
            | CanonicalOption::PostReturn(_) => {}
            CanonicalOption::UTF16 | CanonicalOption::CompactUTF16 => {
                return unsupported("a string encoding other than UTF-8", offset, "Build with UTF-8 strings");
            }
            CanonicalOption::Async | CanonicalOption::Callback(_) => {
                return unsupported("the asynchronous ABI", offset, SYNC);
            }
            CanonicalOption::CoreType(_) | CanonicalOption::Gc => {
                return unsupported("the garbage-collected ABI", offset, GENERATED);
            }
        }
    }
    Ok(())
}

/// A function body whose compile time grows faster than its size.
fn function(body: &wasmparser::FunctionBody<'_>) -> Result<(), Refused> {
    let range = body.range();
    limit(
        "bytes of one function",
        (range.end - range.start) as u64,
        BODY_BYTES,
        range.start,
        SPLIT,
    )?;
    let mut locals = 0_u64;
    for group in body.get_locals_reader().map_err(malformed)? {
        let (count, _) = group.map_err(malformed)?;
        add(&mut locals, count);
        limit("locals of one function", locals, LOCALS, range.start, GENERATED)?;
    }
    if locals < FEW_LOCALS {
        return Ok(());
    }
    let mut loops = 0_u64;
    for operator in body.get_operators_reader().map_err(malformed)? {
        if matches!(operator.map_err(malformed)?, Operator::Loop { .. }) {
            add(&mut loops, 1);
        }
    }
    limit(
        "locals times loops of one function",
        locals.saturating_mul(loops),
        LOCALS_TIMES_LOOPS,
        range.start,
        SPLIT,
    )
}

fn add(sum: &mut u64, count: u32) {
    *sum = sum.saturating_add(count.into());
}

fn limit(what: &'static str, found: u64, limit: u64, offset: usize, remedy: &'static str) -> Result<(), Refused> {
    if found > limit {
        Err(Refused::TooMany {
            what,
            found,
            limit,
            offset,
            remedy,
        })
    } else {
        Ok(())
    }
}

fn unsupported(what: &str, offset: usize, remedy: &'static str) -> Result<(), Refused> {
    Err(Refused::Unsupported {
        what: what.to_owned(),
        offset,
        remedy,
    })
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that `map_err` asks for")]
fn malformed(error: BinaryReaderError) -> Refused {
    Refused::Malformed {
        offset: error.offset(),
        reason: error.message().chars().take(200).collect(),
    }
}
