//! Bodies without secrets, and bounded.

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn secrets() -> Secrets {
    let schema = json!({
        "id": "urn:example:keys", "name": "Keys",
        "attributes": [
            { "name": "pin", "type": "string", "multiValued": false, "mutability": "writeOnly", "returned": "never" },
            { "name": "badge", "type": "complex", "multiValued": false, "subAttributes": [
                { "name": "code", "type": "string", "multiValued": false, "returned": "never" },
                { "name": "colour", "type": "string", "multiValued": false },
            ] },
        ],
    });
    let registry = Registry::standard().unwrap().with_extension("User", &schema, false).unwrap();
    Secrets::of(&registry)
}

fn print(value: &Value) -> String {
    secrets().print(value, 10_000).text
}

#[test]
fn a_secret_is_left_out_wherever_it_is_named() {
    let bodies = [
        json!({ "userName": "ann", "password": "hunter2" }),
        json!({ "PassWord": { "value": "hunter2" } }),
        json!({ "urn:example:keys": { "pin": "hunter2", "badge": { "colour": "red", "code": ["hunter2"] } } }),
        json!({ "urn:example:keys:badge.code": "hunter2" }),
        json!({ "Operations": [{ "op": "replace", "path": "password", "value": "hunter2" }] }),
        json!({ "Operations": [{ "op": "replace", "Path": "urn:example:keys:pin", "Value": "hunter2" }] }),
        json!({ "Operations": [{ "op": "replace", "value": { "password": "hunter2" } }] }),
        json!({ "Operations": [{ "method": "POST", "path": "/Users", "data": { "password": "hunter2" } }] }),
        json!({ "filter": "password eq \"hunter2\"" }),
        json!({ "Operations": [{ "op": "remove", "path": "emails[password eq \"hunter2\"]" }] }),
        json!({ "detail": "at 3: password eq \"hunter2\" is not allowed" }),
        json!({ "client_secret": "hunter2", "access_token": "hunter2" }),
    ];
    for body in bodies {
        let text = print(&body);
        assert!(!text.contains("hunter2") && text.contains(REDACTED), "{text}");
        assert!(serde_json::from_str::<Value>(&text).is_ok(), "{text}");
    }
}

#[test]
fn what_is_no_secret_stays() {
    let body = json!({
        "userName": "password-reset@example.com", "emails": [{ "value": "token@example.com", "primary": true }],
        "Operations": [{ "op": "add", "path": "displayName", "value": "x" }], "filter": "userName eq \"a\"", "n": null,
    });
    assert_eq!(serde_json::from_str::<Value>(&print(&body)).unwrap(), body);
}

/// Of secrets; the last three only look like one, and it is decided that they count.
const OF_SECRETS: &str = "
    password, Password, PASSWORDS, newPassword, new_password, new-password, newpassword, pass_word,
    p.a.s.s.w.o.r.d, passwordHash, password2, pwd, dbPwd, passwd, passphrase, passcode, pass,
    userPass, dbpass, pw, user-pw, secret, secrets, clientSecret, client_secret, token, tokens,
    apiToken, accesstoken, x-auth-token, api_key, apiKey, apikey, x-api-key, X_API_KEY, APIKey,
    privateKey, private key, ssh_private_key, accessKey, signing-key, masterKey, authorization,
    Proxy-Authorization, auth, credential, credentials, awsCredentials, bearer, otp, OTP, totp,
    otpCode, pin, PIN, userPin, pin_code, pincode, pins, pin2, mfa, recoveryCode, cookie, Set-Cookie,
    jwt, oneTimeCode, urn:example:2.0:User:apiToken, securityAnswer, passwordPolicy, tokenType,
    passRate
";

/// Of others.
const OF_OTHERS: &str = "
    userName, displayName, externalId, emails, id, schemas, members, value, type, primary, display,
    $ref, meta, tokenizer, tokenized, tokenisation, secretary, secretariat, passport, passenger,
    passportNumber, bypass, compass, pinboard, pinned, opinion, spin, shipping, author, authored,
    authenticationSchemes, key, keys, keyboard, publicKey, x509Certificates, costCenter,
    cookiecutter, option, hotplug, entitlements, roles,
    urn:ietf:params:scim:schemas:extension:enterprise:2.0:User
";

fn names(list: &str) -> impl Iterator<Item = &str> {
    list.split(',').map(str::trim)
}

#[test]
fn names_that_only_secrets_have_are_told_from_others() {
    for name in names(OF_SECRETS) {
        assert!(name::is_secret(name), "{name}");
    }
    for name in names(OF_OTHERS) {
        assert!(!name::is_secret(name), "{name}");
    }
    assert!(names(OF_SECRETS).count() > 60 && names(OF_OTHERS).count() > 40);
}

#[test]
fn a_query_keeps_what_is_no_secret() {
    let secrets = secrets();
    for (query, kept) in [
        ("", ""),
        ("count=2&startIndex=1", "count=2&startIndex=1"),
        (
            "filter=userName%20eq%20%22passwords@example.com%22",
            "filter=userName%20eq%20%22passwords@example.com%22",
        ),
        ("filter=userName+eq+%22a%2Bb@x%22", "filter=userName+eq+%22a%2Bb@x%22"),
        ("filter=Password%20eq%20%22x%22&count=2", "filter=[redacted]&count=2"),
        ("filter=badge.code%20eq%20%22x%22", "filter=[redacted]"),
        ("filter=pin%20pr&sortBy=userName", "filter=[redacted]&sortBy=userName"),
        ("filter=password%20eq%20%22a&b%22", "filter=[redacted]&[redacted]"),
        ("sortBy=x%22&password=x", "sortBy=[redacted]&password=[redacted]"),
        ("password%3Dx", "[redacted]"),
    ] {
        assert_eq!(secrets.in_query(query), kept, "{query}");
    }
}

#[test]
fn a_path_is_kept_up_to_the_secret() {
    let secrets = secrets();
    for (path, kept) in [
        ("/scim/v2/Users/7", "/scim/v2/Users/7"),
        ("/scim/v2/Users/password=x/y", "/scim/v2/Users/[redacted]"),
        ("/scim/v2/pass%2577ord/x", "/scim/v2/[redacted]"),
        ("/scim/v2/Users;token=x", "/scim/v2/[redacted]"),
    ] {
        assert_eq!(secrets.in_path(path), kept, "{path}");
    }
}

#[test]
fn a_text_is_kept_unless_it_may_repeat_a_secret() {
    let secrets = secrets();
    for kept in
        ["password is never returned", "userName \"ann\" is taken", "curl/8.5.0", "at 3: a value is expected"]
    {
        assert_eq!(secrets.in_text(kept), kept);
    }
    for hidden in
        ["password \"x\" is weak", "password: x", "apiToken=x", "pass%77ord%3Dx", r"\u0070assword\u003dx"]
    {
        assert_eq!(secrets.in_text(hidden), REDACTED, "{hidden}");
    }
}

#[test]
fn what_is_encoded_too_often_is_no_longer_looked_at_and_not_kept() {
    let mut text = "x".to_owned();
    for _ in 0..12 {
        text = text.replace('%', "%25").replace('x', "%78");
        let query = format!("a={text}");
        assert!([query.clone(), "a=[redacted]".to_owned()].contains(&secrets().in_query(&query)));
    }
    assert_eq!(secrets().in_query(&format!("a={text}")), "a=[redacted]");
}

#[test]
fn details_are_left_out_of_the_answer_to_what_compared_a_secret() {
    let search = json!({ "filter": "password eq hunter2" });
    let printed = secrets().print(&search, 1_000);
    assert!(printed.is_compared && !printed.text.contains("hunter2"), "{printed:?}");
    let answer = json!({ "status": "400", "detail": "a value is expected, found \"hunter2\"" });
    assert!(!secrets().print_answer(&answer, 1_000, true).text.contains("hunter2"));
    assert!(secrets().print_answer(&answer, 1_000, false).text.contains("hunter2"));
}

#[test]
fn what_a_server_offers_is_shown() {
    let config = json!({ "changePassword": { "supported": false }, "mfa": true, "tokens": null });
    assert_eq!(serde_json::from_str::<Value>(&print(&config)).unwrap(), config);
    assert!(!print(&json!({ "password": { "supported": "hunter2" } })).contains("hunter2"));
}

/// One way to write a key or a path.
fn written(text: &str, way: usize) -> String {
    let each = |encode: &dyn Fn(char) -> String| text.chars().map(encode).collect::<String>();
    match way {
        0 => text.to_owned(),
        1 => each(&|c| format!("%{:02X}", u32::from(c))),
        2 => each(&|c| format!("%25{:02x}", u32::from(c))),
        3 => each(&|c| format!("\\u{:04x}", u32::from(c))),
        4 => each(&|c| format!("%5Cu{:04x}", u32::from(c))),
        5 => text.to_uppercase(),
        6 => each(&|c| format!("{c}_")),
        _ => text.replacen('a', "%61", 1),
    }
}

proptest! {
    /// However a secret is named, and wherever that is, it is gone.
    #[test]
    fn no_way_to_write_a_name_keeps_its_secret(
        name in prop::sample::select(vec!["password", "newPassword", "apiToken", "x-api-key", "pwd", "clientSecret"]),
        way in 0_usize..8,
        place in 0_usize..9,
    ) {
        let name = written(name, way);
        let filter = format!("userName eq \"a\" and {name} eq \"hunter2\"");
        let body = match place {
            0 => json!({ name: "hunter2" }),
            1 => json!({ "a": [{ "b": { name: { "c": ["hunter2"] } } }] }),
            2 => json!({ "filter": filter }),
            3 => json!({ "Operations": [{ "op": "add", "path": name, "value": "hunter2" }] }),
            4 => json!({ "Operations": [{ "op": "add", "path": format!("emails[{filter}].value"), "value": "x" }] }),
            5 => json!({ "note": format!("{name}=hunter2") }),
            6 => json!({ "data": json!({ name: "hunter2" }).to_string() }),
            7 => json!({ "attributes": [{ "name": name, "value": "hunter2" }] }),
            _ => json!({ format!("{name}=hunter2"): 1 }),
        };
        let text = print(&body);
        prop_assert!(!text.contains("hunter2"), "{}", text);
    }

    /// Never much longer than the limit, and whole when it says so.
    #[test]
    fn a_print_is_bounded(texts in proptest::collection::vec("[a-f0-9äß€😀\"\\\\ ]{0,40}", 0..30), limit in 0_usize..400) {
        let body = json!({ "list": texts, "password": "hunter2" });
        let printed = secrets().print(&body, limit);
        prop_assert!(printed.text.len() <= limit, "{}", printed.text);
        let parsed = serde_json::from_str::<Value>(&printed.text);
        prop_assert_eq!(printed.is_whole, parsed.is_ok_and(|parsed| parsed["list"] == body["list"]));
    }
}
