//! Can a component hurt the server by being compiled? (threat row 16)

use synapse_domain::digest::Digest;
use synapse_domain::limits::STANDARD;
use synapse_sandbox::compile::{CompileError, Compiler};
use synapse_sandbox::prepared::LoadError;

use crate::guests::{SEVEN, plain};
use crate::host::{CHILD, Sandbox};

async fn compile(compiler: &Compiler, component: &[u8]) -> Result<Vec<u8>, CompileError> {
    compiler
        .compile(compiler.turn().await, &Digest::of(component), component)
        .await
}

/// Many locals, many loops, the locals read at the end: compile time and memory grow with the product.
fn bomb(locals: usize, loops: usize) -> Vec<u8> {
    let reads: String = (0..locals).map(|n| format!("local.get {n} i64.add ")).collect();
    let (locals, loops) = ("(local i64)".repeat(locals), "(loop)".repeat(loops));
    plain(&format!(
        r#"(module (func (export "run") (result i64) {locals} {loops} i64.const 0 {reads}))"#
    ))
}

#[tokio::test]
async fn row_16_the_known_compile_bomb_is_refused_by_vetting() {
    // 22 s and 2.5 GB without limits (guests-and-engine.md 5.2).
    let bomb = bomb(5_000, 5_000);
    assert!(bomb.len() < 60_000, "{} bytes", bomb.len());
    let refused = Sandbox::new()
        .components
        .load(&bomb, &STANDARD)
        .await
        .map(|prepared| prepared.digest);
    assert!(matches!(refused, Err(LoadError::Refused(_))), "{refused:?}");
}

#[tokio::test]
async fn row_16_a_bomb_that_vetting_let_through_dies_in_the_child() {
    // The kind that dies fastest: what counts is how.
    let bomb = bomb(50_000, 300);
    let compiler = Compiler::new(CHILD);
    let error = compile(&compiler, &bomb).await.unwrap_err();
    assert!(matches!(error, CompileError::Memory), "{error:?}");
    // It is not tried again.
    assert_eq!(
        compiler.known_failure(&Digest::of(&bomb)).unwrap().to_string(),
        error.to_string()
    );
    // And the next component compiles.
    compile(&compiler, &plain(SEVEN)).await.unwrap();
}

#[tokio::test]
async fn row_16_an_invalid_component_is_the_childs_answer_and_remembered() {
    // A body that leaves nothing on the stack: vetting does not look at types, the compiler does.
    let mut component = plain(r#"(module (func (export "run") (result i64) (i64.const 77)))"#);
    let at = component
        .windows(3)
        .position(|code| code == [0x42, 0xcd, 0x00])
        .expect("i64.const 77");
    component[at..at + 3].fill(0x01);
    let sandbox = Sandbox::new();
    let error = sandbox
        .components
        .load(&component, &STANDARD)
        .await
        .map(|prepared| prepared.digest)
        .unwrap_err();
    let LoadError::Compile(CompileError::Invalid(reason)) = &error else {
        panic!("{error:?}")
    };
    assert!(reason.contains("type mismatch"), "{reason}");

    let compiler = Compiler::new(CHILD);
    let first = compile(&compiler, &component).await.unwrap_err();
    // A compiler that cannot be started answers the same: the failure is remembered, nothing is started.
    let second = compile(&compiler, &component).await.unwrap_err();
    assert_eq!(first.to_string(), second.to_string());
}

#[tokio::test]
async fn a_compiler_that_cannot_be_started_is_the_operators_fault_and_not_remembered() {
    let compiler = Compiler::new("/nonexistent/synapse");
    let component = plain(SEVEN);
    let error = compile(&compiler, &component).await.unwrap_err();
    assert!(
        error
            .to_string()
            .contains("cannot run the compiler `/nonexistent/synapse`"),
        "{error}"
    );
    assert!(compiler.known_failure(&Digest::of(&component)).is_none());
}

#[tokio::test]
async fn a_program_that_is_no_compiler_is_not_believed() {
    // `true` reads nothing and says nothing; `cat` gives the component back.
    for (program, says) in [("/bin/true", "empty"), ("/bin/false", "stopped unexpectedly")] {
        let error = compile(&Compiler::new(program), &plain(SEVEN)).await.unwrap_err();
        assert!(error.to_string().contains(says), "{program}: {error}");
    }
}

#[tokio::test]
async fn a_component_with_a_wrongly_typed_import_is_refused_when_it_is_linked() {
    let module = crate::guests::handler(SEVEN, "", "(result u64)", "");
    let log = crate::host::LOG;
    let component = crate::guests::binary(&format!(
        r#"(component (import "{log}" (instance (export "write" (func (param "message" u32))))) {module})"#
    ));
    let error = Sandbox::new()
        .components
        .load(&component, &STANDARD)
        .await
        .map(|prepared| prepared.digest)
        .unwrap_err();
    assert!(matches!(error, LoadError::Link(_)), "{error:?}");
    assert!(error.to_string().contains(log), "{error}");
}
