//! Who are you, console? (`/system/about`, and the logout that ansible's module calls)

use serde_json::json;

use super::super::call::Call;
use super::super::console::Ctx;
use super::super::error::ApiError;
use super::super::reply::Reply;
use super::super::route::Route;

/// System and session.
pub const ROUTES: &[Route] = &[
    Route::new("GET", "/system/about", about),
    Route::new("POST", "/auth/logout", logout),
];

fn about(_: &mut Ctx<'_>, _: &Call<'_>) -> Result<Reply, ApiError> {
    let about = json!({
        "release_name": "7.5.0 UpdatePackage 13",
        "build_version": "2021.6.13.20250601000000",
        "fips_enabled": false,
        "external_version": "7.5.0",
    });
    Ok(Reply::json(200, &about))
}

/// An authorised service has no session: the token stays valid.
fn logout(_: &mut Ctx<'_>, _: &Call<'_>) -> Result<Reply, ApiError> {
    Ok(Reply::json(200, &true))
}
