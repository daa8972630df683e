//! The one place where WIT becomes Rust: generated types and host traits of every `synapse:*` package.

wasmtime::component::bindgen!({
    path: ["../../../wit/workflow", "../../../wit/thehive", "../../../wit/qradar", "../../../wit/ews", "../../../wit/lab"],
    inline: r#"
        package synapse:host;

        world workflow-host {
            include synapse:workflow/workflow@0.1.0;
            import synapse:thehive/connection@0.1.0;
            import synapse:thehive/alerts@0.1.0;
            import synapse:thehive/cases@0.1.0;
            import synapse:thehive/tasks@0.1.0;
            import synapse:thehive/observables@0.1.0;
            import synapse:thehive/comments@0.1.0;
            import synapse:thehive/users@0.1.0;
            import synapse:thehive/statuses@0.1.0;
            import synapse:thehive/links@0.1.0;
            import synapse:thehive/timeline@0.1.0;
            import synapse:thehive/shares@0.1.0;
            import synapse:thehive/attachments@0.1.0;
            import synapse:thehive/procedures@0.1.0;
            import synapse:thehive/pages@0.1.0;
            import synapse:thehive/custom-fields@0.1.0;
            import synapse:thehive/templates@0.1.0;
            import synapse:thehive/organisations@0.1.0;
            import synapse:thehive/cortex@0.1.0;
            import synapse:thehive/query@0.1.0;
            import synapse:thehive/raw@0.1.0;
            import synapse:qradar/connection@0.1.0;
            import synapse:qradar/offenses@0.1.0;
            import synapse:qradar/ariel@0.1.0;
            import synapse:qradar/rules@0.1.0;
            import synapse:qradar/domains@0.1.0;
            import synapse:qradar/closing@0.1.0;
            import synapse:qradar/notes@0.1.0;
            import synapse:qradar/handling@0.1.0;
            import synapse:qradar/system@0.1.0;
            import synapse:qradar/reference@0.1.0;
            import synapse:qradar/assets@0.1.0;
            import synapse:qradar/log-sources@0.1.0;
            import synapse:ews/connection@0.1.0;
            import synapse:ews/folders@0.1.0;
            import synapse:ews/messages@0.1.0;
            import synapse:lab/target@0.1.0;
        }
    "#,
    world: "synapse:host/workflow-host",
    imports: { default: async | trappable },
    exports: { default: async },
    additional_derives: [PartialEq, serde::Serialize, serde::Deserialize],
    with: {
        "synapse:workflow/blobs.blob": crate::blobs::Held,
        "synapse:thehive/connection.organisation": crate::connection::Handle,
        "synapse:qradar/connection.console": crate::connection::Handle,
        "synapse:ews/connection.mailbox": crate::connection::Handle,
        "synapse:lab/target.bench": crate::connection::Handle,
    },
});
