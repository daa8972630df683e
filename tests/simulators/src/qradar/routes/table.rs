//! Which routes are served?

use super::super::route::Route;
use super::{
    access, actors, addresses, ariel_info, ariel_results, ariel_searches, assets, closing_reasons, domains, help,
    log_sources, notes, offense_types, offense_update, offenses, reference_collections, reference_sets,
    reference_tables, rules, saved_searches, system,
};

/// Every route, in the order they are tried.
pub fn all() -> Vec<&'static Route> {
    let families: [&'static [Route]; 21] = [
        offenses::ROUTES,
        offense_update::ROUTES,
        actors::ROUTES,
        saved_searches::ROUTES,
        reference_sets::ROUTES,
        reference_tables::ROUTES,
        reference_collections::ROUTES,
        assets::ROUTES,
        log_sources::ROUTES,
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
