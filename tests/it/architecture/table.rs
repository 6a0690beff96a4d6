//! Who may import whom: the table of `docs/architecture.md`, as data.

/// One floor: a folder or file under `src`, and what the code in it may use beside itself and `std`.
#[derive(Debug)]
pub(super) struct Floor {
    pub(super) folder: &'static str,
    pub(super) ours: &'static [&'static str],
    pub(super) outside: &'static [&'static str],
}

/// What tests inside `src` may use beside what their floor may.
pub(super) const TEST_CRATES: &[&str] = &["insta", "proptest"];

pub(super) const TABLE: &[Floor] = &[
    Floor {
        folder: "domain",
        ours: &[],
        outside: &["precis_profiles", "rand", "sha2", "subtle", "thiserror", "uuid"],
    },
    Floor { folder: "scim", ours: &[], outside: &["base64", "serde", "serde_json", "thiserror", "time"] },
    Floor {
        folder: "storage",
        ours: &["domain"],
        outside: &[
            "rand",
            "sea_orm",
            "sea_orm_migration",
            "serde_json",
            "sqlx",
            "thiserror",
            "tokio",
            "tracing",
            "uuid",
        ],
    },
    Floor {
        folder: "services",
        ours: &["domain", "storage"],
        outside: &["rand", "thiserror", "tokio", "tracing"],
    },
    Floor {
        folder: "proto",
        ours: &[],
        outside: &["prost", "prost_reflect", "prost_types", "tonic", "tonic_health", "tonic_reflection"],
    },
    // the list of the gateways, and nothing else
    Floor { folder: "gateway", ours: &[], outside: &[] },
    Floor {
        folder: "gateway/rpc",
        ours: &["domain", "proto", "services"],
        outside: &[
            "axum",
            "base64",
            "bytes",
            "futures",
            "http",
            "http_body",
            "prost",
            "prost_types",
            "tokio",
            "tonic",
            "tonic_health",
            "tonic_reflection",
            "tower",
            "tracing",
            "uuid",
        ],
    },
    Floor {
        folder: "gateway/connect",
        ours: &[],
        outside: &[
            "axum",
            "base64",
            "bytes",
            "flate2",
            "form_urlencoded",
            "futures",
            "http",
            "http_body_util",
            "prost",
            "prost_reflect",
            "serde_json",
            "tonic",
            "tower",
            "zstd",
        ],
    },
    Floor {
        folder: "gateway/scim",
        ours: &["domain", "scim", "services"],
        outside: &["axum", "form_urlencoded", "http", "serde", "serde_json", "time", "tower", "tracing"],
    },
    Floor {
        folder: "gateway/console",
        ours: &["domain", "services"],
        outside: &["axum", "http", "serde", "serde_json", "tracing"],
    },
    Floor { folder: "gateway/ops", ours: &["services"], outside: &["axum", "http", "serde_json", "tracing"] },
    Floor {
        folder: "server",
        ours: &[
            "gateway/connect",
            "gateway/console",
            "gateway/ops",
            "gateway/rpc",
            "gateway/scim",
            "proto",
            "services",
        ],
        outside: &[
            "anyhow",
            "axum",
            "bytes",
            "futures",
            "http",
            "http_body",
            "http_body_util",
            "hyper",
            "hyper_util",
            "prost_reflect",
            "thiserror",
            "tokio",
            "tokio_util",
            "tonic_health",
            "tonic_web",
            "tower",
            "tower_http",
            "tracing",
            "tracing_subscriber",
            "uuid",
        ],
    },
    Floor { folder: "config", ours: &[], outside: &["clap", "http"] },
    Floor {
        folder: "cli",
        ours: &["config", "domain", "gateway/scim", "proto", "server", "services", "storage"],
        outside: &["anyhow", "clap", "tokio", "tokio_util", "tracing"],
    },
    Floor { folder: "lib", ours: &[], outside: &[] },
    Floor { folder: "main", ours: &["cli"], outside: &["tokio"] },
];
