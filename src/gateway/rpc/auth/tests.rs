use super::*;

fn secret_of(authorization: &str) -> Option<String> {
    let mut headers = HeaderMap::new();
    headers.insert(header::AUTHORIZATION, authorization.parse().unwrap());
    secret(&headers)
}

#[test]
fn the_token_is_read_from_bearer_and_from_basic() {
    for authorization in ["Bearer t", "bearer t", "BEARER  t ", "Basic dTp0", "basic OnQ=", "bAsIc  dTp0"] {
        assert_eq!(secret_of(authorization).as_deref(), Some("t"), "{authorization}");
    }
}

#[test]
fn a_password_may_have_a_colon() {
    assert_eq!(secret_of("Basic dTphOmI=").as_deref(), Some("a:b"));
}

#[test]
fn other_forms_have_no_token() {
    for authorization in ["", "t", "Bearer", "Digest t", "Basic !", "Basic dXQ=", "Basic /w=="] {
        assert_eq!(secret_of(authorization), None, "{authorization}");
    }
    assert_eq!(secret(&HeaderMap::new()), None);
}

#[test]
fn a_request_without_an_id_gets_one_of_its_own() {
    let mut headers = HeaderMap::new();
    assert_ne!(request_id(&headers), request_id(&headers));
    headers.insert(REQUEST_ID, "given".parse().unwrap());
    assert_eq!(request_id(&headers), "given");
}
