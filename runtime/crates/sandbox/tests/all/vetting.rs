//! Is everything refused that no toolchain makes and no workflow needs, and is it said why?

use synapse_domain::limits::{LARGE, Plan, STANDARD};
use synapse_sandbox::vet::{Parts, Profile, Refused, Vetted, vet};
use wasm_encoder::{CanonicalFunctionSection, CanonicalOption, Component, NestedComponentSection};

use crate::guests::{LOOPS, SEVEN, binary, handler, plain, with_host};
use crate::host::INTERFACES;

fn check(bytes: &[u8]) -> Result<Vetted, Refused> {
    vet(bytes, &STANDARD, INTERFACES)
}

/// Which limit a component passes, and what is said about it.
fn too_many(bytes: &[u8]) -> (&'static str, String) {
    match check(bytes) {
        Err(error @ Refused::TooMany { what, .. }) => (what, error.to_string()),
        other => panic!("expected too many of something: {other:?}"),
    }
}

fn unsupported(bytes: &[u8]) -> String {
    match check(bytes) {
        Err(Refused::Unsupported { what, .. }) => what,
        other => panic!("expected something unsupported: {other:?}"),
    }
}

fn import_refused(name: &str) -> String {
    let module = handler(SEVEN, "", "(result u64)", "");
    let component = binary(&format!(r#"(component (import "{name}" (instance)) {module})"#));
    match check(&component) {
        Err(Refused::Import { reason, .. }) => reason,
        other => panic!("expected a refused import: {other:?}"),
    }
}

#[test]
fn a_guest_passes_and_its_parts_are_counted() {
    let vetted = check(&with_host(3, r#"(func (export "run") (result i64) (i64.const 1))"#)).unwrap();
    assert_eq!(vetted.profile, Profile::A);
    assert_eq!(vetted.imports, INTERFACES);
    let parts = vetted.parts;
    assert_eq!(
        (parts.functions, parts.modules, parts.core_instances, parts.memories),
        (1, 2, 2, 1)
    );
    assert_eq!(parts.memory_bytes, 3 << 16);
}

#[test]
fn row_19_text_modules_and_machine_code_are_told_apart_and_refused() {
    assert_eq!(check(b"\n  (component)"), Err(Refused::Text));
    assert_eq!(check(b";; hello\n(module)"), Err(Refused::Text));
    assert_eq!(check(&binary("(module)")), Err(Refused::CoreModule));
    let engine = synapse_sandbox::engine::Engine::shared().unwrap();
    let artefact = engine.wasmtime().precompile_component(&plain(SEVEN)).unwrap();
    assert_eq!(check(&artefact), Err(Refused::Precompiled));
    for junk in [b"".as_slice(), b"\0asm", b"\0asm\x0d\0", b"PK\x03\x04", &[0xff; 64]] {
        assert_eq!(check(junk), Err(Refused::NotWasm), "{junk:?}");
    }
}

#[test]
fn every_truncation_of_a_component_is_refused_without_a_panic() {
    let whole = with_host(1, r#"(func (export "run") (result i64) (i64.const 1))"#);
    let parts = |vetted: &Vetted| Parts {
        bytes: 0,
        ..vetted.parts
    };
    let complete = check(&whole).unwrap();
    let passed: Vec<Vetted> = (0..whole.len()).filter_map(|end| check(&whole[..end]).ok()).collect();
    // Only the debug names at the end may be missing.
    assert!(passed.len() <= 1, "{passed:?}");
    assert!(
        passed
            .iter()
            .all(|vetted| parts(vetted) == parts(&complete) && vetted.imports == complete.imports)
    );
}

#[test]
fn row_16_size_is_the_plans() {
    let small = Plan {
        component_bytes: 100,
        ..STANDARD
    };
    let error = vet(&plain(SEVEN), &small, INTERFACES).unwrap_err();
    assert!(
        matches!(
            error,
            Refused::TooLarge {
                limit: 100,
                plan: "standard",
                ..
            }
        ),
        "{error}"
    );
}

#[test]
fn row_16_a_function_bomb_is_refused_before_the_compiler_sees_it() {
    let bomb = format!(
        "(module {} (func (export \"run\") (result i64) (i64.const 1)))",
        "(func)".repeat(100_000)
    );
    let (what, text) = too_many(&plain(&bomb));
    assert_eq!(what, "functions");
    assert!(
        text.contains("100001 functions at byte") && text.contains("20000 are allowed"),
        "{text}"
    );
}

#[test]
fn row_16_functions_are_counted_over_all_modules() {
    let half = format!("(core module {})", "(func)".repeat(12_000));
    assert_eq!(too_many(&binary(&format!("(component {half} {half})"))).0, "functions");
}

#[test]
fn row_16_one_huge_function_is_refused() {
    let body = "(drop (i64.const 81985529216486895))".repeat(250_000);
    let module = format!(r#"(module (func (export "run") (result i64) {body} (i64.const 1)))"#);
    assert_eq!(too_many(&plain(&module)).0, "bytes of one function");
}

#[test]
fn row_16_locals_and_their_product_with_loops_are_limited() {
    let function = |locals: usize, loops: usize| {
        let (locals, loops) = ("(local i64)".repeat(locals), "(loop)".repeat(loops));
        plain(&format!(
            r#"(module (func (export "run") (result i64) {locals} {loops} (i64.const 1)))"#
        ))
    };
    assert_eq!(too_many(&function(2_001, 0)).0, "locals of one function");
    assert_eq!(too_many(&function(1_000, 501)).0, "locals times loops of one function");
    // The most that real guests have (guests-and-engine.md 5.2), with plenty of loops.
    check(&function(271, 1_000)).unwrap();
    // Few locals are harmless with any number of loops.
    check(&function(10, 60_000)).unwrap();
}

#[test]
fn row_5_memories_tables_and_their_sizes_are_limited() {
    let modules = |module: &str, count: usize| binary(&format!("(component {})", module.repeat(count)));
    assert_eq!(too_many(&modules("(core module (memory 1))", 5)).0, "memories");
    assert_eq!(
        too_many(&modules("(core module (memory 400))", 3)).0,
        "bytes of initial memory"
    );
    assert_eq!(too_many(&modules("(core module (table 1 funcref))", 9)).0, "tables");
    assert_eq!(
        too_many(&modules("(core module (table 10000000 funcref))", 1)).0,
        "table elements"
    );
    assert_eq!(
        unsupported(&modules("(core module (memory i64 1))", 1)),
        "a 64-bit, shared or odd-paged memory"
    );
    assert_eq!(
        unsupported(&modules("(core module (memory 1 1 shared))", 1)),
        "a 64-bit, shared or odd-paged memory"
    );
}

#[test]
fn row_5_modules_and_instances_are_the_plans() {
    let modules = binary(&format!("(component {})", "(core module)".repeat(25)));
    assert_eq!(too_many(&modules).0, "core modules");
    let instances = binary(&format!(
        "(component (core module $m) {})",
        "(core instance (instantiate $m))".repeat(25)
    ));
    assert_eq!(too_many(&instances).0, "core instances");
    // The larger plan has room for them, so only the handler is missing.
    assert_eq!(vet(&instances, &LARGE, INTERFACES), Err(Refused::NoHandler));
}

#[test]
fn row_17_nesting_is_limited() {
    let nested = (0..1_000).fold(Component::new(), |inner, _| {
        let mut outer = Component::new();
        outer.section(&NestedComponentSection(&inner));
        outer
    });
    let nested = nested.finish();
    assert!(matches!(check(&nested), Err(Refused::TooMany { .. })));
    assert_eq!(
        too_many(&binary("(component (component (component)))")).0,
        "levels of nested components"
    );
    let wide = binary(&format!("(component {})", "(component)".repeat(33)));
    assert_eq!(too_many(&wide).0, "nested components");
    assert_eq!(
        unsupported(&binary("(component (component (core module)))")),
        "code in a nested component"
    );
    let outer =
        "(component (core module $m) (component (alias outer 1 $m (core module $n)) (core instance (instantiate $n))))";
    assert_eq!(unsupported(&binary(outer)), "code in a nested component");
}

#[test]
fn row_17_component_level_items_and_imports_are_limited() {
    let types = binary(&format!("(component {})", "(type string)".repeat(20_001)));
    assert_eq!(too_many(&types).0, "component-level items");
    let imports: String = (0..101)
        .map(|n| format!(r#"(import "a:b/c{n}@1.0.0" (instance))"#))
        .collect();
    assert_eq!(too_many(&binary(&format!("(component {imports})"))).0, "imports");
}

#[test]
fn only_utf_8_and_the_synchronous_abi_are_linked() {
    let with = |option: CanonicalOption| {
        let mut functions = CanonicalFunctionSection::new();
        functions.lower(0, [option]);
        let mut component = Component::new();
        component.section(&functions);
        unsupported(&component.finish())
    };
    assert_eq!(with(CanonicalOption::UTF16), "a string encoding other than UTF-8");
    assert_eq!(
        with(CanonicalOption::CompactUTF16),
        "a string encoding other than UTF-8"
    );
    assert_eq!(with(CanonicalOption::Async), "the asynchronous ABI");
    let mut functions = CanonicalFunctionSection::new();
    functions.backpressure_inc();
    let mut component = Component::new();
    component.section(&functions);
    assert_eq!(unsupported(&component.finish()), "an asynchronous or threaded built-in");
}

#[test]
fn row_23_unknown_interfaces_are_refused_by_name() {
    assert!(import_refused("synapse:nothing/here@0.1.0").contains("no such interface"));
    assert!(import_refused("synapse:workflow/log@0.2.0").contains("provides `synapse:workflow/log@0.1.0`"));
    assert!(import_refused("wasi:http/types@0.2.6").contains("no HTTP of its own"));
    assert!(import_refused("wasi:keyvalue/store@0.2.0").contains("not provided"));
    assert!(import_refused("wasi:cli/environment@0.3.0").contains("only WASI 0.2"));
    let function = binary(r#"(component (import "f" (func)))"#);
    assert_eq!(unsupported(&function), "an import that is not an interface");
}

#[test]
fn wasi_chooses_profile_b_and_a_missing_handler_is_named() {
    let module = handler(LOOPS, "", "(result u64)", "");
    let wasi = binary(&format!(
        r#"(component (import "wasi:random/random@0.2.9" (instance)) {module})"#
    ));
    assert_eq!(check(&wasi).unwrap().profile, Profile::B);
    let error = check(&binary("(component)")).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("does not export `synapse:workflow/handler@0.1.0`"),
        "{error}"
    );
    // A function of that name is no handler.
    let function = r#"(component (core module $m (func (export "f"))) (core instance $i (instantiate $m))
        (func $f (canon lift (core func $i "f"))) (export "handler" (func $f)))"#;
    assert_eq!(check(&binary(function)), Err(Refused::NoHandler));
}
