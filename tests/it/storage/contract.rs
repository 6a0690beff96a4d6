//! What every database must do alike: keep, find, refuse doubles, page, undo, and lose no change.

use roster::{
    domain::{
        actor::Caller,
        clock::Timestamp,
        id::{IdpGroupId, ScimUserId, TokenId, UserId},
        idp_group::{GroupAttributes, IdpGroup},
        page::PageRequest,
        role::ServerRole,
        secret::{Secret, SecretKind},
        token::Token,
        user::{Person, Provenance, User, UserState, UserType, VerificationStatus},
    },
    storage::{self, Error, Store, user::UserFilter},
};

use super::{Database, on_both_databases};

on_both_databases! {
    a_user_is_kept_whole;
    a_name_is_taken_once;
    a_pushed_user_name_is_taken_once_and_freed_by_deletion;
    a_failed_transaction_leaves_nothing;
    pages_walk_the_list_forwards_and_backwards;
    a_token_is_found_by_its_digest_alone;
    members_come_and_go_by_row;
    changes_made_at_once_are_all_kept;
    a_second_start_finds_the_schema_in_place;
    a_schema_of_a_later_version_is_refused;
}

pub(super) fn at(micros: i64) -> Timestamp {
    Timestamp::from_micros(1_700_000_000_000_000 + micros)
}

pub(super) fn user(name: &str, micros: i64) -> User {
    let id = UserId::generate(at(micros));
    User {
        id,
        scim_id: ScimUserId::of_account(id),
        username: name.to_owned(),
        user_type: UserType::Personal,
        server_role: ServerRole::Member,
        state: UserState::Active,
        description: "ä \u{1f980} '\" ;--".to_owned(),
        url: "https://example.com".to_owned(),
        verification: VerificationStatus::Official,
        provenance: Provenance::Provisioned,
        pushed_by: None,
        person: Person {
            user_name: format!("{name}@Example.com"),
            external_id: Some("00uX".to_owned()),
            given_name: Some("Zoë".to_owned()),
            family_name: None,
            email: Some(format!("{name}@Example.com")),
            document: r#"{"userName":"x"}"#.to_owned(),
            search: "{}".to_owned(),
        },
        create_time: at(micros),
        update_time: at(micros + 1),
        version: 7,
    }
}

pub(super) fn group(name: &str) -> IdpGroup {
    IdpGroup {
        id: IdpGroupId::generate(at(0)),
        push: GroupAttributes { display_name: name.to_owned(), ..GroupAttributes::default() },
        member_count: 0,
        create_time: at(0),
        update_time: at(0),
        version: 1,
    }
}

async fn insert(store: &Store, user: &User) -> Result<(), Error> {
    store.transaction(|tx| async move { storage::user::insert(&*tx, user).await }).await
}

async fn a_user_is_kept_whole(db: Database) {
    let new = user("bob", 0);
    insert(&db.store, &new).await.unwrap();
    let reader = db.store.reader();
    assert_eq!(storage::user::find(reader, new.id).await.unwrap().as_ref(), Some(&new));
    assert_eq!(storage::user::find_by_username(reader, "bob").await.unwrap().as_ref(), Some(&new));
    assert_eq!(storage::user::find_pushed(reader, "bob@example.com").await.unwrap().as_ref(), Some(&new));
    let changed = User { state: UserState::Deactivated, version: 8, ..new.clone() };
    let write = db.store.transaction(|tx| {
        let changed = &changed;
        async move { storage::user::update(&*tx, changed).await }
    });
    write.await.unwrap();
    assert_eq!(storage::user::find_by_scim_id(reader, new.scim_id).await.unwrap(), Some(changed));
}

async fn a_name_is_taken_once(db: Database) {
    insert(&db.store, &user("bob", 0)).await.unwrap();
    let mut twin = user("bob", 1);
    twin.person.user_name = "other".to_owned();
    assert!(matches!(insert(&db.store, &twin).await, Err(Error::Taken(_))));
    let take = |owner: UserId| {
        db.store
            .transaction(move |tx| async move { storage::owner_name::take(&*tx, "acme", owner.uuid()).await })
    };
    assert!(take(twin.id).await.unwrap());
    assert!(!take(twin.id).await.unwrap());
}

async fn a_pushed_user_name_is_taken_once_and_freed_by_deletion(db: Database) {
    let first = user("bob", 0);
    insert(&db.store, &first).await.unwrap();
    let mut second = user("rob", 1);
    second.person.user_name = "BOB@example.COM".to_owned();
    assert!(matches!(insert(&db.store, &second).await, Err(Error::Taken(_))));
    let gone = User { provenance: Provenance::Deprovisioned, ..first };
    let write = db.store.transaction(|tx| {
        let gone = &gone;
        async move { storage::user::update(&*tx, gone).await }
    });
    write.await.unwrap();
    insert(&db.store, &second).await.unwrap();
}

async fn a_failed_transaction_leaves_nothing(db: Database) {
    let new = &user("bob", 0);
    let failed: Result<(), Error> = db
        .store
        .transaction(|tx| async move {
            storage::user::insert(&*tx, new).await?;
            Err(Error::Corrupt("test"))
        })
        .await;
    assert!(matches!(failed, Err(Error::Corrupt("test"))));
    assert_eq!(storage::user::find(db.store.reader(), new.id).await.unwrap(), None);
}

async fn pages_walk_the_list_forwards_and_backwards(db: Database) {
    let names: Vec<_> = (0..7).map(|n| format!("user-{n}")).collect();
    for (n, name) in names.iter().enumerate() {
        insert(&db.store, &user(name, i64::try_from(n).unwrap() * 1_000)).await.unwrap();
    }
    for reverse in [false, true] {
        let mut seen = Vec::new();
        let mut token = String::new();
        loop {
            let request = PageRequest::new(3, &token, reverse).unwrap();
            let page =
                storage::user::list(db.store.reader(), &UserFilter::default(), &request).await.unwrap();
            seen.extend(page.items.into_iter().map(|user| user.username));
            token = page.next_page_token;
            if token.is_empty() {
                break;
            }
        }
        if reverse {
            seen.reverse();
        }
        assert_eq!(seen, names);
    }
}

async fn a_token_is_found_by_its_digest_alone(db: Database) {
    let owner = user("bob", 0);
    insert(&db.store, &owner).await.unwrap();
    let secret = Secret::generate(SecretKind::Api, &mut rand::rng());
    let token = Token {
        id: TokenId::generate(at(0)),
        user_id: owner.id,
        note: "laptop".to_owned(),
        create_time: at(0),
        expire_time: at(9),
    };
    let (new, digest) = (&token, &secret.digest());
    let write = db.store.transaction(|tx| async move { storage::token::insert(&*tx, new, digest).await });
    write.await.unwrap();
    let found = storage::token::find_by_digest(db.store.reader(), digest).await.unwrap();
    assert_eq!(found.as_ref(), Some(&token));
    let other = Secret::generate(SecretKind::Api, &mut rand::rng()).digest();
    assert_eq!(storage::token::find_by_digest(db.store.reader(), &other).await.unwrap(), None);
}

async fn members_come_and_go_by_row(db: Database) {
    use storage::idp_group::members;
    let (bob, eve, team) = (&user("bob", 0), &user("eve", 1_000), &group("Team"));
    let caller = &Caller::system("test");
    let moved = db.store.transaction(|tx| async move {
        storage::user::insert(&*tx, bob).await?;
        storage::user::insert(&*tx, eve).await?;
        storage::idp_group::insert(&*tx, team).await?;
        let first = members::add(&*tx, team.id, &[bob.id], caller, at(0)).await?;
        let both = members::add(&*tx, team.id, &[bob.id, eve.id], caller, at(0)).await?;
        let gone = members::remove(&*tx, team.id, &[bob.id, UserId::generate(at(5))]).await?;
        let left = members::list_user_ids(&*tx, team.id).await?;
        Ok::<_, Error>((first, both, gone, left))
    });
    let (first, both, gone, left) = moved.await.unwrap();
    assert_eq!((first, both), (vec![bob.id], vec![eve.id]));
    assert_eq!((gone, left), (vec![bob.id], vec![eve.id]));
}

async fn changes_made_at_once_are_all_kept(db: Database) {
    let counted = user("counted", 0);
    insert(&db.store, &counted).await.unwrap();
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let (store, id) = (db.store.clone(), counted.id);
        tasks.spawn(async move {
            for _ in 0..20 {
                let step = store.transaction(|tx| async move {
                    let mut user = storage::user::find_for_update(&*tx, id).await?.unwrap();
                    user.version += 1;
                    storage::user::update(&*tx, &user).await
                });
                step.await.unwrap();
            }
        });
    }
    while let Some(done) = tasks.join_next().await {
        done.unwrap();
    }
    let user = storage::user::find(db.store.reader(), counted.id).await.unwrap().unwrap();
    assert_eq!(user.version, counted.version + 160);
}

async fn a_second_start_finds_the_schema_in_place(db: Database) {
    let new = user("bob", 0);
    insert(&db.store, &new).await.unwrap();
    let again = Store::open(&db.url).await.unwrap();
    assert_eq!(storage::user::find(again.reader(), new.id).await.unwrap(), Some(new));
}

async fn a_schema_of_a_later_version_is_refused(db: Database) {
    use sea_orm::ConnectionTrait as _;
    let step = "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m29991231_000001_later', 0)";
    let write = db.store.transaction(|tx| async move { Ok::<_, Error>(tx.execute_unprepared(step).await?) });
    write.await.unwrap();
    let refused = Store::open(&db.url).await.unwrap_err();
    assert!(roster::services::chain(&refused).contains("m29991231_000001_later"), "{refused:?}");
}
