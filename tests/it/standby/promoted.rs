//! A standby that becomes the primary: the instance on it writes from then on, without a restart.

use std::time::Instant;

use roster::domain::scim_token::ClientProfile;
use serde_json::{Value, json};

use super::{Pair, SOON, value};

const VARIABLE: &str = "ROSTER_TEST_PROMOTED";

#[tokio::test]
async fn an_instance_writes_once_its_standby_is_the_primary() {
    let pair = Pair::on(VARIABLE).await;
    let token = pair.primary.app.scim_token(ClientProfile::Generic).await;
    pair.follow().await;
    let app = &pair.standby.app;
    let url = &app.database().url;
    let create = "buf.alpha.registry.v1alpha1.OrganizationService/CreateOrganization";
    let refusal = pair.standby.ask_admin(create, json!({"name": "acme"})).await.unwrap_err();
    assert_eq!(refusal.reason(), "READ_ONLY");

    assert!(value::<bool>(url, "SELECT pg_promote()").await, "the standby does not become the primary");
    app.call("OrganizationService/CreateOrganization", json!({"name": "acme"})).await;
    let ready = reqwest::get(format!("{}/readyz", app.url)).await.unwrap();
    assert_eq!(ready.text().await.unwrap(), "ready\n");

    // what it reads is in the provisioning log again
    assert_eq!(app.scim(&token, "GET", "/Users", &[], None).await.status, 200);
    let logged = app.ours("ProvisioningService/ListProvisioningRequests", json!({})).await;
    assert_eq!(logged["requests"].as_array().map(Vec::len), Some(1), "{logged}");
    assert_ne!(logged, Value::Null);

    // and it hears of the others again
    let listening = "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%')";
    let began = Instant::now();
    while !value::<bool>(url, listening).await {
        assert!(began.elapsed() < SOON, "it does not listen");
    }
}
