//! Emails, imports, merges and the rest of what admins do with people and organizations.

use serde_json::json;

use super::Desk;

#[tokio::test]
async fn emails_are_set_shown_and_cleared() {
    let desk = Desk::new().await;
    let made = desk.text(&["user", "create", "ann", "--email", "ann@corp.com"]).await;
    assert!(made.contains("ann@corp.com") && made.contains("local"), "{made}");
    assert_eq!(desk.run(&["user", "create", "ci", "--bot", "--email", "ci@corp.com"]).await.code, Some(2));
    let set = desk.text(&["user", "email", "set", "ann", "Ann@corp.com"]).await;
    assert!(set.contains("Ann@corp.com"), "{set}");
    let shown = desk.json(&["user", "email", "get", "ann"]).await;
    assert_eq!(shown["userAccount"]["email"], "Ann@corp.com");
    desk.text(&["user", "email", "clear", "ann"]).await;
    assert_eq!(desk.json(&["user", "email", "get", "ann"]).await["userAccount"]["email"], json!(null));
    let refused = desk.run(&["user", "email", "set", "ann", "no address"]).await;
    assert_eq!(refused.code, Some(2), "{}", refused.stderr);
}

#[tokio::test]
async fn a_file_of_people_is_imported_whole_or_not_at_all() {
    let desk = Desk::new().await;
    desk.text(&["user", "create", "ann"]).await;
    let good = "username,email,description\nann,ann@corp.com,\nbob,bob@corp.com,\"of acme, now\"\n";
    let path = desk.write("people.csv", good).display().to_string();
    let planned = desk.text(&["user", "import", &path, "--dry-run"]).await;
    assert!(planned.contains("created") && planned.contains("updated"), "{planned}");
    assert_eq!(desk.run(&["user", "get", "bob"]).await.code, Some(5), "a dry run does nothing");
    let done = desk.json(&["user", "import", &path]).await;
    assert_eq!(done["rows"][0]["effect"], "IMPORT_EFFECT_UPDATED");
    assert_eq!(desk.json(&["user", "email", "get", "bob"]).await["userAccount"]["email"], "bob@corp.com");

    let bad = "username,email\ncarl,carl@corp.com\nNo Name,x\nbobby,BOB@corp.com\ncarl,c@corp.com\n";
    let path = desk.write("bad.csv", bad).display().to_string();
    for arguments in [&["user", "import", &path][..], &["user", "import", &path, "--dry-run"]] {
        let refused = desk.run(arguments).await;
        assert_eq!(refused.code, Some(2), "{}", refused.stdout);
        assert!(refused.stderr.contains("3 lines have mistakes; nothing was imported"), "{}", refused.stderr);
        let told: Vec<_> = refused.stdout.lines().filter(|line| line.contains("mistake ")).collect();
        assert_eq!(told.len(), 3, "{}", refused.stdout);
        assert!(told[2].starts_with('5') && told[2].contains("line 2"), "{}", told[2]);
    }
    assert_eq!(desk.run(&["user", "get", "carl"]).await.code, Some(5));
    let missing = desk.run(&["user", "import", "nowhere.csv"]).await;
    assert!(missing.code != Some(0) && missing.stderr.contains("nowhere.csv"), "{}", missing.stderr);
}

#[tokio::test]
async fn a_merge_is_shown_first_and_needs_a_yes() {
    let desk = Desk::new().await;
    desk.harness.person("staff0").await;
    desk.text(&["organization", "create", "acme"]).await;
    desk.text(&["organization", "add", "acme", "staff0", "--role", "admin"]).await;
    let double = desk.harness.push_made("staff0@corp.com", "staff0@corp.com").await.username;
    let shown = desk.run(&["user", "merge", &double, "staff0"]).await;
    assert_eq!(shown.code, Some(2), "{}", shown.stdout);
    assert!(shown.stdout.contains("linked") && shown.stdout.contains("acme"), "{}", shown.stdout);
    assert!(shown.stderr.contains("nothing was merged"), "{}", shown.stderr);
    assert_eq!(desk.run(&["user", "get", &double]).await.code, Some(0));
    let done = desk.text(&["user", "merge", &double, "staff0", "--yes"]).await;
    assert!(done.contains("API tokens: 0 end, 1 stay"), "{done}");
    assert_eq!(desk.run(&["user", "get", &double]).await.code, Some(5));
}

#[tokio::test]
async fn server_roles_settings_and_deletions_need_no_curl() {
    let desk = Desk::new().await;
    desk.text(&["user", "create", "ann"]).await;
    assert_eq!(desk.text(&["user", "set-role", "ann", "admin"]).await, "ann is a server admin now\n");
    let admins = desk.text(&["user", "list", "--server-role", "admin"]).await;
    assert!(admins.contains("ann"), "{admins}");
    desk.text(&["user", "set-role", "ann", "member"]).await;
    assert_eq!(desk.run(&["user", "set-role", "root", "member"]).await.code, Some(7), "the last one");
    assert_eq!(desk.run(&["user", "delete", "ann"]).await.code, Some(2), "without --yes");
    assert_eq!(desk.text(&["user", "delete", "ann", "--yes"]).await, "deleted the user ann\n");
    assert_eq!(desk.run(&["user", "get", "ann"]).await.code, Some(5));

    desk.text(&["organization", "create", "acme", "--description", "we"]).await;
    assert_eq!(desk.run(&["organization", "update", "acme"]).await.code, Some(2), "nothing to change");
    let update =
        ["organization", "update", "acme", "--description", "us", "--url", "", "--base-role", "write"];
    desk.text(&update).await;
    let settings = desk.text(&["organization", "settings", "acme"]).await;
    let cells: Vec<_> = settings.lines().nth(1).unwrap().split_whitespace().collect();
    assert_eq!(cells, ["acme", "write", "1", "-"]);
    let found = desk.json(&["organization", "get", "acme"]).await;
    assert_eq!(found["organizations"][0]["description"], "us");
}
