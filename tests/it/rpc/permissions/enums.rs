//! Values of enums that the schema doesn't know: refused in every field of every request, by name and by number.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use prost::Message as _;
use prost_reflect::{DescriptorPool, DeserializeOptions, DynamicMessage, Kind, MethodDescriptor, Value};
use roster::proto::DESCRIPTOR;
use serde_json::Value as Json;

use super::places::{Place, name, places, spoil};
use super::world::{CALLERS, World, envelope};
use super::{Row, only_reads, path, rows};
use crate::support::Harness;

/// A number that no enum has.
const UNKNOWN: i32 = 9_999;

fn is_enum(kind: &Kind) -> bool {
    matches!(kind, Kind::Enum(_))
}

/// Every RPC with an enum in its request, each place of one, and a request that would be let in but for that.
fn cases(world: &World) -> Vec<(MethodDescriptor, Row, Place, DynamicMessage)> {
    let pool = DescriptorPool::decode(DESCRIPTOR).unwrap();
    let mut cases = Vec::new();
    for method in pool.services().flat_map(|service| service.methods().collect::<Vec<_>>()) {
        for place in places(&method.input(), is_enum) {
            let row = rows().into_iter().find(|row| row.method == path(&method)).unwrap();
            let request = world.filled(row.request);
            let mut json = serde_json::Deserializer::from_str(&request);
            let strict = DeserializeOptions::new();
            let mut message =
                DynamicMessage::deserialize_with_options(method.input(), &mut json, &strict).unwrap();
            spoil(&mut message, &place, &Value::EnumNumber(UNKNOWN));
            cases.push((method.clone(), row, place, message));
        }
    }
    assert!(cases.len() >= 40, "too few enums were found: {}", cases.len());
    cases
}

/// What is no name of a value, as JSON: among them that of the first value, in other forms.
fn strange(place: &Place) -> Vec<String> {
    let Kind::Enum(known) = place.last().unwrap().kind() else { panic!("{place:?}") };
    let value = known.get_value(1).unwrap();
    let full = value.name();
    let bare = full.rsplit('_').next().unwrap();
    let each = [bare, &full.to_lowercase(), &format!(" {full}"), &format!("{full}_"), "1", ""];
    let mut strange: Vec<_> = each.map(|text| Json::from(text).to_string()).into();
    strange.extend(["true", "1.5", "{}", "[[]]", r#"{"a":1}"#].map(str::to_owned));
    strange
}

/// One call, whichever way it goes.
enum Way {
    Json,
    Get,
    GetBase64,
    Binary,
}

async fn call(world: &World, method: &MethodDescriptor, way: Way, message: Vec<u8>) -> Json {
    let http = reqwest::Client::new();
    let url = world.url_of(method);
    let request = match way {
        Way::Get => http.get(query(&url, "", &String::from_utf8(message).unwrap())),
        Way::GetBase64 => http.get(query(&url, "&base64=1", &URL_SAFE_NO_PAD.encode(message))),
        Way::Json | Way::Binary => {
            let codec = if matches!(way, Way::Json) { "json" } else { "proto" };
            if method.is_server_streaming() {
                let length = u32::try_from(message.len()).unwrap().to_be_bytes();
                let body = [&[0], length.as_slice(), &message].concat();
                http.post(url).header("content-type", format!("application/connect+{codec}")).body(body)
            } else {
                http.post(url).header("content-type", format!("application/{codec}")).body(message)
            }
        }
    };
    let response = request.bearer_auth(world.token(CALLERS - 1)).send().await.unwrap();
    if method.is_server_streaming() {
        return envelope(response).await.1["error"].take();
    }
    response.json().await.unwrap()
}

fn query(url: &str, more: &str, message: &str) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("encoding", "json").append_pair("message", message);
    format!("{url}?{}{more}", query.finish())
}

fn names_field(answer: &Json, field: &str) -> bool {
    let message = answer["message"].as_str().unwrap_or_default();
    let is_detailed = answer["details"].to_string().contains("google.rpc.BadRequest");
    answer["code"] == "invalid_argument"
        && format!("; {message}").contains(&format!("; {field}: "))
        && is_detailed
}

/// A part of a request that cannot be set at all is refused as a whole.
fn names_field_or_parent(answer: &Json, field: &str) -> bool {
    let ends = field.match_indices('.').map(|(at, _)| at).chain([field.len()]);
    ends.map(|end| &field[..end]).any(|field| names_field(answer, field))
}

#[tokio::test]
async fn an_unknown_name_is_refused_in_every_field_of_every_request() {
    let server = Harness::start().await;
    let world = World::new(&server).await;
    let mut wrong = Vec::new();
    for (method, _, place, message) in cases(&world) {
        let (field, json) = (name(&place), serde_json::to_string(&message).unwrap());
        assert!(json.contains("9999"), "{json}");
        for text in strange(&place) {
            let body = json.replace("9999", &text);
            let mut ways = vec![Way::Json];
            if only_reads(&method) && !method.is_server_streaming() {
                ways.extend([Way::Get, Way::GetBase64]);
            }
            for way in ways {
                let answer = call(&world, &method, way, body.clone().into_bytes()).await;
                let lists = text.starts_with('"') && !answer.to_string().contains("_UNSPECIFIED");
                if !names_field(&answer, &field) || lists {
                    wrong.push(format!("{} {body}: {answer}", path(&method)));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn an_unknown_number_is_refused_in_every_field_of_every_request_that_is_served() {
    let server = Harness::start().await;
    let world = World::new(&server).await;
    let mut wrong = Vec::new();
    for (method, row, place, message) in cases(&world) {
        if row.cells.ends_with('X') {
            continue;
        }
        let json = serde_json::to_vec(&message).unwrap();
        for (way, body) in [(Way::Json, json), (Way::Binary, message.encode_to_vec())] {
            let answer = call(&world, &method, way, body).await;
            if !names_field_or_parent(&answer, &name(&place)) {
                wrong.push(format!("{} {message:?}: {answer}", path(&method)));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
