//! Which WASI interfaces can a guest of profile B reach? This list, and no other. (`vet::imports` refuses the rest by name.)

use wasmtime::component::{HasData, Linker, ResourceTable};
use wasmtime_wasi::cli::{WasiCli, WasiCliView as _};
use wasmtime_wasi::clocks::{WasiClocks, WasiClocksView as _};
use wasmtime_wasi::filesystem::{WasiFilesystem, WasiFilesystemView as _};
use wasmtime_wasi::p2::bindings::{cli, clocks, filesystem, random, sockets};
use wasmtime_wasi::random::{WasiRandom, WasiRandomView as _};
use wasmtime_wasi::sockets::{WasiSockets, WasiSocketsView as _};
use wasmtime_wasi_io::bindings::wasi::io;

use super::Wasi;
use crate::state::Data;

/// How the host functions of `wasi:io` reach their table.
struct Table;

impl HasData for Table {
    type Data<'a> = &'a mut ResourceTable;
}

/// How our monotonic clock reaches its state.
struct StandingClock;

impl HasData for StandingClock {
    type Data<'a> = &'a mut Wasi;
}

/// Adds WASI 0.2, empty and deterministic, to a linker.
pub(crate) fn link<T: Data>(l: &mut Linker<T>) -> wasmtime::Result<()> {
    io::error::add_to_linker::<T, Table>(l, |t| &mut wasi(t).table)?;
    io::poll::add_to_linker::<T, Table>(l, |t| &mut wasi(t).table)?;
    io::streams::add_to_linker::<T, Table>(l, |t| &mut wasi(t).table)?;

    clocks::wall_clock::add_to_linker::<T, WasiClocks>(l, |t| wasi(t).clocks())?;
    clocks::monotonic_clock::add_to_linker::<T, StandingClock>(l, |t| wasi(t))?;

    random::random::add_to_linker::<T, WasiRandom>(l, |t| wasi(t).random())?;
    random::insecure::add_to_linker::<T, WasiRandom>(l, |t| wasi(t).random())?;
    random::insecure_seed::add_to_linker::<T, WasiRandom>(l, |t| wasi(t).random())?;

    cli::environment::add_to_linker::<T, WasiCli>(l, |t| wasi(t).cli())?;
    cli::exit::add_to_linker::<T, WasiCli>(l, |t| wasi(t).cli())?;
    cli::stdin::add_to_linker::<T, WasiCli>(l, |t| wasi(t).cli())?;
    cli::stdout::add_to_linker::<T, WasiCli>(l, |t| wasi(t).cli())?;
    cli::stderr::add_to_linker::<T, WasiCli>(l, |t| wasi(t).cli())?;
    cli::terminal_input::add_to_linker::<T, WasiCli>(l, |t| wasi(t).cli())?;
    cli::terminal_output::add_to_linker::<T, WasiCli>(l, |t| wasi(t).cli())?;
    cli::terminal_stdin::add_to_linker::<T, WasiCli>(l, |t| wasi(t).cli())?;
    cli::terminal_stdout::add_to_linker::<T, WasiCli>(l, |t| wasi(t).cli())?;
    cli::terminal_stderr::add_to_linker::<T, WasiCli>(l, |t| wasi(t).cli())?;

    filesystem::preopens::add_to_linker::<T, WasiFilesystem>(l, |t| wasi(t).filesystem())?;
    filesystem::types::add_to_linker::<T, WasiFilesystem>(l, |t| wasi(t).filesystem())?;

    let options = sockets::network::LinkOptions::default();
    sockets::network::add_to_linker::<T, WasiSockets>(l, &options, |t| wasi(t).sockets())?;
    sockets::instance_network::add_to_linker::<T, WasiSockets>(l, |t| wasi(t).sockets())?;
    sockets::ip_name_lookup::add_to_linker::<T, WasiSockets>(l, |t| wasi(t).sockets())?;
    sockets::tcp::add_to_linker::<T, WasiSockets>(l, |t| wasi(t).sockets())?;
    sockets::tcp_create_socket::add_to_linker::<T, WasiSockets>(l, |t| wasi(t).sockets())?;
    sockets::udp::add_to_linker::<T, WasiSockets>(l, |t| wasi(t).sockets())?;
    sockets::udp_create_socket::add_to_linker::<T, WasiSockets>(l, |t| wasi(t).sockets())
}

fn wasi<T: Data>(data: &mut T) -> &mut Wasi {
    &mut data.sandbox().wasi
}
