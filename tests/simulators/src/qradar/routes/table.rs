//! Which routes are served?

use super::super::route::Route;
use super::{
    access, addresses, ariel_info, ariel_results, ariel_searches, closing_reasons, domains, help, notes, offense_types,
    offense_update, offenses, rules, system,
};

/// Every route, in the order they are tried.
pub fn all() -> Vec<&'static Route> {
    let families: [&'static [Route]; 14] = [
        offenses::ROUTES,
        offense_update::ROUTES,
        notes::ROUTES,
        addresses::ROUTES,
        ariel_searches::ROUTES,
        ariel_results::ROUTES,
        ariel_info::ROUTES,
        closing_reasons::ROUTES,
        offense_types::ROUTES,
        rules::ROUTES,
        domains::ROUTES,
        access::ROUTES,
        system::ROUTES,
        help::ROUTES,
    ];
    families.into_iter().flatten().collect()
}
