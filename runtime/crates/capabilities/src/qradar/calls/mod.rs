//! What does each function ask, as the gate sees it: which arguments are compared on replay, whom does it ask, what is the answer?

/// Declares one read: its struct is what the journal compares, its body what is asked. Every read starts with the domains that the
/// grant covers, so none can forget them; the grant's other scopes are handed over too.
macro_rules! read {
    (
        $(#[$doc:meta])*
        $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty),* $(,)? } = $operation:ident -> $answer:ty,
        |$call:ident, $client:ident, $scopes:ident, $domains:ident| $ask:expr
    ) => {
        $(#[$doc])*
        #[derive(Debug, Serialize)]
        pub struct $name {
            $($(#[$field_doc])* pub $field: $type,)*
        }

        impl $crate::gate::Read for $name {
            const OPERATION: Operation = permission::$operation;
            type Target = Client;
            type Answer = $answer;

            fn scoped(&self) -> Vec<(&'static str, String)> {
                permission::scoped(&Request::$name(self))
            }

            async fn perform(&self, $client: &Client, $scopes: &Scopes) -> Result<$answer, Error> {
                let $call = self;
                let $domains = &Domains::of($scopes, $client.includes_multi_domain())?;
                $ask
            }
        }
    };
}

/// Declares one `keyed` write, with its check. A grant's domains that cannot be read send nothing.
macro_rules! keyed {
    (
        $(#[$doc:meta])*
        $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty),* $(,)? } = $operation:ident -> $answer:ty,
        check $check:expr,
        |$call:ident, $client:ident, $scopes:ident, $domains:ident, $effect:ident| $send:expr
    ) => {
        $(#[$doc])*
        #[derive(Debug, Serialize)]
        pub struct $name {
            $($(#[$field_doc])* pub $field: $type,)*
        }

        impl $crate::gate::Write for $name {
            const OPERATION: Operation = permission::$operation;
            type Target = Client;
            type Answer = $answer;

            fn scoped(&self) -> Vec<(&'static str, String)> {
                permission::scoped(&Request::$name(self))
            }

            fn check(&self) -> Result<(), Error> {
                let check: fn(&Self) -> Result<(), Error> = $check;
                check(self)
            }

            async fn perform(
                &self,
                $client: &Client,
                $scopes: &Scopes,
                $effect: &EffectId,
            ) -> Result<Done<$answer>, Failure> {
                let $call = self;
                let $domains = &Domains::of($scopes, $client.includes_multi_domain()).map_err(not_sent)?;
                $send
            }
        }
    };
}

mod ariel;
mod assets;
mod closing;
mod handling;
mod notes;
mod offenses;
mod reference;
mod system;

pub use ariel::{Run, RunSaved, SavedSearches};
pub use assets::{FindAssets, GetLogSource, ListLogSources, LogSourceTypes};
pub use closing::{CloseOffense, ClosingReasons};
pub use handling::{Assign, AssignableActors, SetFollowUp, SetProtected, SetStatus};
pub use notes::{AddNote, ListNotes};
pub use offenses::{
    GetOffense, GetRules, ListDomains, ListOffenses, ListRules, LocalDestinationAddresses, OffenseTypes,
    RuleContributions, SourceAddresses,
};
pub use reference::{AddValue, Contains, GetSet, ListEntries, ListSets, ListTables, ListValues, RemoveValue};
pub use system::{About, CurrentService};
