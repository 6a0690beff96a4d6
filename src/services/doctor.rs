//! What is wrong with a database and what is in it: found, explained, and mended where that is safe (services floor).

use std::time::Duration;

use super::{Error, membership::consistency};
use crate::{
    domain::{clock::Timestamp, count},
    storage::{self, Connection, inspect, schema},
};

/// How far clocks may be apart.
const SKEW: Duration = Duration::from_secs(5);
/// A SCIM token that ends sooner than this is told of.
const EXPIRY_NOTICE: Duration = Duration::from_hours(30 * 24);

/// Something found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// A stable word; `docs/troubleshooting.md` has a section of this name.
    pub code: &'static str,
    /// Whether it has to be mended; else it is worth to know.
    pub is_error: bool,
    /// What is so.
    pub what: String,
    /// Why it matters.
    pub why: &'static str,
    /// What to do.
    pub fix: String,
}

impl Finding {
    /// What has to be mended.
    #[must_use]
    pub fn error(code: &'static str, what: String, why: &'static str, fix: impl Into<String>) -> Self {
        Self { code, is_error: true, what, why, fix: fix.into() }
    }

    /// What is worth to know.
    #[must_use]
    pub fn warning(code: &'static str, what: String, why: &'static str, fix: impl Into<String>) -> Self {
        Self { is_error: false, ..Self::error(code, what, why, fix) }
    }
}

/// Looks through the database at `url`, and changes nothing. A schema that is not this release's is the last
/// finding: nothing else can be read by it.
///
/// # Errors
/// The database cannot be reached, is none of Roster's, or fails.
pub async fn examine(url: &str, now: Timestamp) -> Result<Vec<Finding>, Error> {
    match (unwritable(url).await?, look(url, now).await) {
        // SQLite does not even read a file whose log it cannot make
        (Some(unwritable), Err(_)) => Ok(vec![unwritable]),
        (unwritable, found) => Ok(unwritable.into_iter().chain(found?).collect()),
    }
}

async fn look(url: &str, now: Timestamp) -> Result<Vec<Finding>, Error> {
    let db = inspect::reader(url).await?;
    let found = look_through(&db, now).await;
    db.close().await.map_err(storage::Error::from)?;
    found
}

/// A file that only reads, which a standby is and a SQLite file is not meant to be.
async fn unwritable(url: &str) -> Result<Option<Finding>, Error> {
    let why = "the server does not start, or answers every change with 503";
    let fix = "give the server's user the right to write the file and its folder (`chown`, `chmod u+w`, or mount it for writing)";
    let found = inspect::unwritable(url).await?;
    Ok(found.map(|what| Finding::error("database-read-only", what, why, fix)))
}

async fn look_through(db: &impl Connection, now: Timestamp) -> Result<Vec<Finding>, Error> {
    let mut found: Vec<_> = standby(db).await?.into_iter().collect();
    let Some(steps) = schema::steps_if_any(db).await? else {
        found.push(no_tables());
        return Ok(found);
    };
    if let Some(schema) = schema_finding(&steps) {
        found.push(schema);
        return Ok(found);
    }
    found.extend(damage(db).await?);
    found.extend(clock(db, now).await?);
    found.extend(admins(db).await?);
    found.extend(scim_tokens(db, now).await?);
    found.extend(drifts(db).await?);
    found.extend(orphans(db).await?);
    Ok(found)
}

async fn standby(db: &impl Connection) -> Result<Option<Finding>, Error> {
    let Some(age) = inspect::standby_age(db).await? else { return Ok(None) };
    let what = format!(
        "the database is a standby; its last change is {} old",
        count::things(age.as_secs(), "second")
    );
    let why = "an instance on it only reads, and answers as the primary was at that moment";
    let fix = "nothing, where the instance is there for reads; else let database.url name the primary";
    Ok(Some(Finding::warning("database-standby", what, why, fix)))
}

fn no_tables() -> Finding {
    let what = "the database has no tables of Roster".to_owned();
    let why = "it is new, or database.url names another one than before";
    Finding::error(
        "schema-older",
        what,
        why,
        "if it is new, start `roster serve`, which makes them; else mend database.url",
    )
}

fn schema_finding(steps: &schema::Steps) -> Option<Finding> {
    if !steps.unknown.is_empty() {
        let what = format!("the database has steps of a later release: {}", steps.unknown.join(", "));
        let why = "this program does not know what they mean, and could write what they forbid";
        return Some(Finding::error(
            "schema-newer",
            what,
            why,
            "run the later release, or restore a backup of before",
        ));
    }
    if !steps.missing.is_empty() {
        let what = format!("the database lacks the steps {}", steps.missing.join(", "));
        let why = "an earlier release wrote it; this one reads it only after they are taken";
        return Some(Finding::error(
            "schema-older",
            what,
            why,
            "take a backup, then start `roster serve`, which takes them; for a standby, on its primary",
        ));
    }
    None
}

async fn damage(db: &impl Connection) -> Result<Vec<Finding>, Error> {
    let why = "answers may be wrong or missing, and more may break with each write";
    let fix =
        "stop the server, keep a copy of the file, and restore the last sound backup with `roster restore`";
    let each = inspect::damage(db).await?.into_iter();
    Ok(each.map(|line| Finding::error("database-damaged", line, why, fix)).collect())
}

async fn clock(db: &impl Connection, now: Timestamp) -> Result<Option<Finding>, Error> {
    if let Some(theirs) = inspect::clock(db).await? {
        let apart = Duration::from_micros(theirs.micros().abs_diff(now.micros()));
        let what = format!(
            "this machine's clock and the database's are {} apart",
            count::things(apart.as_secs(), "second")
        );
        let why = "tokens end too early or too late, and instances disagree on what came first";
        let fix = "let both machines follow NTP";
        return Ok((apart > SKEW).then(|| Finding::warning("clock-skew", what, why, fix)));
    }
    let latest = inspect::latest(db).await?.filter(|latest| *latest > now.plus(SKEW));
    Ok(latest.map(|latest| {
        let ahead = Duration::from_micros(latest.micros().abs_diff(now.micros())).as_secs();
        let what =
            format!("the latest change in the database is {} in the future", count::things(ahead, "second"));
        let why = "the clock was set back, or was wrong before: new tokens may be expired or live too long";
        Finding::warning("clock-skew", what, why, "let the machine follow NTP")
    }))
}

async fn admins(db: &impl Connection) -> Result<Option<Finding>, Error> {
    let admins = storage::user::count_active_admins(db).await?;
    let what = || "there is no active server admin".to_owned();
    let why = "nobody can make SCIM tokens, users or organizations";
    let fix = "`roster bootstrap` makes one, or `roster bootstrap --username NAME --force` makes NAME one";
    Ok((admins == 0).then(|| Finding::error("no-admin", what(), why, fix)))
}

async fn scim_tokens(db: &impl Connection, now: Timestamp) -> Result<Vec<Finding>, Error> {
    let ending = storage::scim_token::list_ending(db, now.plus(EXPIRY_NOTICE)).await?;
    let each = ending.iter().map(|token| {
        let name = if token.description.is_empty() { "without a description" } else { &token.description };
        let end = token.expire_time.map_or(0, Timestamp::micros);
        let days = Duration::from_micros(end.abs_diff(now.micros())).as_secs() / (24 * 60 * 60);
        let is_over = end <= now.micros();
        let when = if is_over { "ended" } else { "ends" };
        let what =
            format!("SCIM token {} ({name}) {when}, {} from now", token.id, count::things(days, "day"));
        let why = "the identity provider that signs in with it pushes nothing from then on";
        let fix = "`roster scim-token create`, give it to the identity provider, and delete the old one";
        if is_over {
            Finding::error("scim-token-ended", what.replace("from now", "ago"), why, fix)
        } else {
            Finding::warning("scim-token-ends", what, why, fix)
        }
    });
    Ok(each.collect())
}

async fn drifts(db: &impl Connection) -> Result<Vec<Finding>, Error> {
    let why =
        "someone has a role that no fact gives, or lacks one: the database was changed behind Roster's back";
    let fix = "`roster doctor --fix` derives them anew, with an audited change for each organization";
    let each = consistency::drifts(db).await?.into_iter();
    let what = |drift: consistency::Drift| {
        format!(
            "{} of organization {} {} not what the facts give",
            count::things(u64::try_from(drift.members).unwrap_or(u64::MAX), "membership"),
            drift.organization,
            count::are(u64::try_from(drift.members).unwrap_or(u64::MAX))
        )
    };
    Ok(each.map(|drift| Finding::error("membership-drift", what(drift), why, fix)).collect())
}

async fn orphans(db: &impl Connection) -> Result<Vec<Finding>, Error> {
    let why = "the database was changed behind Roster's back, or Roster has an error";
    let fix =
        "compare with the last backup; nothing but SQL by hand leads here, so please report it otherwise";
    let each = inspect::orphans(db).await?.into_iter();
    Ok(each.map(|(kind, rows)| Finding::error("orphans", format!("{rows} {kind}"), why, fix)).collect())
}
