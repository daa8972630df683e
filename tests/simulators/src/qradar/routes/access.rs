//! What can a token learn about itself? (contract 3.6: label, expiry, security profile)

use serde_json::{Value, json};

use super::super::call::Call;
use super::super::console::Ctx;
use super::super::error::ApiError;
use super::super::list::columns::{Column, int, ints, json as free, text};
use super::super::list::page::{ListSpec, page};
use super::super::list::table::Table;
use super::super::reply::Reply;
use super::super::route::{Param, Route, Type};
use super::super::seed::rows;
use super::super::tokens::{ADMIN, Token};

const SERVICE: &[Column] = &[
    int("id"),
    text("label"),
    free("token"),
    text("created_by"),
    int("tenant_id"),
    int("security_profile_id"),
    int("user_role_id"),
    int("creation_date"),
    int("expiration_date"),
    int("last_used_date"),
];

const ROLE: &[Column] = &[int("id"), text("name"), free("capabilities")];

/// Fields of a tenant.
pub const TENANT: &[Column] = &[
    int("id"),
    text("name"),
    text("description"),
    int("event_rate_limit"),
    int("flow_rate_limit"),
    super::super::list::columns::boolean("deleted"),
];

const PROFILE: &[Column] = &[int("id"), text("name"), ints("domain_ids")];

/// Authorised services, security profiles, user roles and tenants.
pub const ROUTES: &[Route] = &[
    Route::new("GET", "/config/access/user_roles", roles)
        .fields(ROLE)
        .with(&[
            Param::optional("filter", Type::Text),
            Param::optional("current_user_role", Type::Bool),
        ])
        .ranged(),
    Route::new("GET", "/config/access/tenant_management/tenants", tenants)
        .needs(ADMIN)
        .fields(TENANT)
        .with(&[Param::optional("filter", Type::Text)])
        .ranged(),
    Route::new("GET", "/config/access/authorized_services", services)
        .since(17)
        .fields(SERVICE)
        .with(&[
            Param::optional("filter", Type::Text),
            Param::optional("current_authorized_service", Type::Bool),
        ])
        .ranged(),
    Route::new("GET", "/config/access/security_profiles", profiles)
        .fields(PROFILE)
        .with(&[
            Param::optional("filter", Type::Text),
            Param::optional("current_security_profile", Type::Bool),
        ])
        .ranged(),
];

/// Tokens the caller may see: all for an administrator who does not ask for itself, else only its own.
fn tokens<'a>(ctx: &'a Ctx<'_>, call: &Call<'_>, current: &str) -> Vec<(i64, &'a Token)> {
    let only_own = !call.token.is_admin() || call.boolean(current).unwrap_or(false);
    let numbered = ctx.console.tokens.iter().zip(1..).map(|(token, id)| (id, token));
    numbered
        .filter(|(_, token)| !only_own || token.token == call.token.token)
        .collect()
}

fn services(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let mut table = Table::default();
    for (id, token) in tokens(ctx, call, "current_authorized_service") {
        let service = json!({
            "id": id, "label": token.label, "token": null, "created_by": "admin", "tenant_id": null,
            "security_profile_id": profile_id(id, token), "user_role_id": id, "creation_date": 0,
            "expiration_date": token.expiry, "last_used_date": call.now_ms,
        });
        for row in rows([service]) {
            table.insert(row);
        }
    }
    page(
        &table,
        &ListSpec {
            columns: SERVICE,
            sort_error: None,
            newest_first: false,
        },
        call,
        |_| true,
    )
}

fn profiles(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let every: Vec<&Value> = ctx.console.domains.rows().filter_map(|row| row.get("id")).collect();
    let mut table = Table::default();
    for (id, token) in tokens(ctx, call, "current_security_profile") {
        let profile = match &token.domain_ids {
            None => json!({ "id": ADMIN_PROFILE, "name": "Admin", "domain_ids": every }),
            Some(own) => json!({ "id": profile_id(id, token), "name": token.label, "domain_ids": own }),
        };
        for row in rows([profile]) {
            table.insert(row);
        }
    }
    page(
        &table,
        &ListSpec {
            columns: PROFILE,
            sort_error: None,
            newest_first: false,
        },
        call,
        |_| true,
    )
}

fn roles(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let mut table = Table::default();
    for (id, token) in tokens(ctx, call, "current_user_role") {
        let role = json!({ "id": id, "name": token.label, "capabilities": token.capabilities });
        for row in rows([role]) {
            table.insert(row);
        }
    }
    let spec = ListSpec {
        columns: ROLE,
        sort_error: None,
        newest_first: false,
    };
    page(&table, &spec, call, |_| true)
}

fn tenants(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Reply, ApiError> {
    let spec = ListSpec {
        columns: TENANT,
        sort_error: None,
        newest_first: false,
    };
    page(&ctx.console.tenants, &spec, call, |_| true)
}

const ADMIN_PROFILE: i64 = 1;

fn profile_id(id: i64, token: &Token) -> i64 {
    if token.domain_ids.is_none() {
        ADMIN_PROFILE
    } else {
        ADMIN_PROFILE + id
    }
}
