//! How is a call declared in a few lines? Its struct is what the journal compares; what it needs from the gate follows from the rest.

/// Declares a call that asks.
macro_rules! ask {
    (
        $(#[$doc:meta])*
        $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty),* $(,)? } = $operation:literal -> $answer:ty,
        |$call:ident, $client:ident, $scopes:ident| $ask:expr
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, serde::Serialize)]
        pub struct $name {
            $($(#[$field_doc])* pub $field: $type,)*
        }

        impl crate::gate::Read for $name {
            const OPERATION: synapse_domain::operation::Operation =
                synapse_domain::operation::Operation::read($operation);
            type Target = crate::thehive::client::Client;
            type Answer = $answer;

            fn scoped(&self) -> Vec<(&'static str, String)> {
                crate::thehive::permission::scoped(&crate::thehive::permission::Request::$name(self))
            }

            async fn perform(
                &self,
                $client: &crate::thehive::client::Client,
                $scopes: &synapse_domain::permission::Scopes,
            ) -> Result<$answer, crate::bindings::synapse::workflow::types::Error> {
                let $call = self;
                $ask
            }
        }
    };
}

/// Declares a call that changes one thing. `key` is where the guest's own key of the effect is.
macro_rules! change {
    (
        $(#[$doc:meta])*
        $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty),* $(,)? } = $effect:ident $operation:literal -> $answer:ty,
        check: $check:path, perform: $perform:path $(, probe: $probe:path)? $(, key: $($key:ident).+)?
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, serde::Serialize)]
        pub struct $name {
            $($(#[$field_doc])* pub $field: $type,)*
        }

        impl crate::gate::Write for $name {
            const OPERATION: synapse_domain::operation::Operation =
                synapse_domain::operation::Operation::write($operation, synapse_domain::operation::Effect::$effect);
            type Target = crate::thehive::client::Client;
            type Answer = $answer;

            fn scoped(&self) -> Vec<(&'static str, String)> {
                crate::thehive::permission::scoped(&crate::thehive::permission::Request::$name(self))
            }

            $(fn dedup_key(&self) -> Option<&str> {
                self.$($key).+.as_deref()
            })?

            fn check(&self) -> Result<(), crate::bindings::synapse::workflow::types::Error> {
                $check(self)
            }

            async fn perform(
                &self,
                client: &crate::thehive::client::Client,
                scopes: &synapse_domain::permission::Scopes,
                effect: &crate::gate::EffectId,
            ) -> Result<crate::gate::Done<$answer>, crate::gate::Failure> {
                $perform(client, self, scopes, effect).await
            }

            $(async fn probe(
                &self,
                client: &crate::thehive::client::Client,
                effect: &crate::gate::EffectId,
            ) -> Result<Option<$answer>, crate::bindings::synapse::workflow::types::Error> {
                $probe(client, self, effect).await
            })?
        }
    };
}

/// Declares a call that takes one thing away (`reconcile/removal.rs` does the rest).
macro_rules! removal {
    (
        $(#[$doc:meta])*
        $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty),* $(,)? } = Keyed $operation:literal,
        |$call:ident| path: $path:expr, check: $check:expr $(, belongs_to: $belongs_to:expr)?
    ) => {
        change!(
            $(#[$doc])*
            $name { $($(#[$field_doc])* $field: $type,)* } = Keyed $operation -> (),
            check: check::removal, perform: reconcile::remove
        );

        impl crate::thehive::calls::Removal for $name {
            fn path(&self) -> Vec<&str> {
                let $call = self;
                $path
            }

            fn checked(&self) -> Result<(), crate::bindings::synapse::workflow::types::Error> {
                let $call = self;
                $check
            }

            $(fn belongs_to(&self) -> crate::thehive::owner::Belonging<'_> {
                let $call = self;
                $belongs_to
            })?
        }
    };
}

pub(super) use {ask, change, removal};
