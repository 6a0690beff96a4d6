//! Lists of accounts (storage floor).

use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbBackend, EntityTrait, Order, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect,
    sea_query::{Alias, Expr, ExprTrait, LikeExpr, Query, SelectStatement, SimpleExpr},
};

use super::{Error, rows, user};
use crate::{
    domain::{
        id::OrganizationId,
        name,
        page::{Page, PageRequest},
        role::ServerRole,
        user::{Provenance, User, UserState, UserType},
    },
    storage::keyset,
};

/// Which accounts a list has; those that were deleted for good are in none.
#[derive(Clone, Debug, Default)]
pub struct UserFilter {
    /// Only those in one of these states; in any when empty.
    pub states: Vec<UserState>,
    /// Only those of these types; of all when empty.
    pub types: Vec<UserType>,
    /// Only those with one of these roles on the server, which who is switched off has not; with any when empty.
    pub roles: Vec<ServerRole>,
    /// Only those whose registry name contains this, without regard to case.
    pub name_query: String,
    /// Only members of one of these organizations; everyone when empty.
    pub members_of: Vec<OrganizationId>,
}

/// One page of the accounts that `filter` lets through, in the order of creation.
///
/// # Errors
/// When the database fails.
pub async fn list(
    db: &impl ConnectionTrait,
    filter: &UserFilter,
    request: &PageRequest,
) -> Result<Page<User>, Error> {
    let query = user::Entity::find().filter(condition(filter));
    let query = keyset::page(query, user::Column::Id, request);
    Ok(Page::from_rows(rows(query, db).await?, request, |user| user.id.uuid()))
}

/// One page of the accounts that `filter` lets through, in the order of their names, byte by byte.
///
/// # Errors
/// When the database fails.
pub async fn list_by_name(
    db: &impl ConnectionTrait,
    filter: &UserFilter,
    request: &PageRequest<String>,
) -> Result<Page<User>, Error> {
    let name = username_by_bytes(db.get_database_backend());
    let mut query = user::Entity::find().filter(condition(filter));
    if let Some(after) = request.after.clone() {
        let name = name.clone();
        query = query.filter(if request.reverse { name.lt(after) } else { name.gt(after) });
    }
    let order = if request.reverse { Order::Desc } else { Order::Asc };
    let query = query.order_by(name, order).limit(u64::from(request.size) + 1);
    Ok(Page::from_rows(rows(query, db).await?, request, |user| user.username.clone()))
}

/// `SQLite` compares bytes; `PostgreSQL` by the collation of the database, unless told otherwise.
fn username_by_bytes(backend: DbBackend) -> SimpleExpr {
    match backend {
        DbBackend::Postgres => Expr::cust(r#""user"."username" COLLATE "C""#),
        _ => Expr::cust(r#""user"."username""#),
    }
}

/// How many accounts `filter` lets through.
///
/// # Errors
/// When the database fails.
pub async fn count(db: &impl ConnectionTrait, filter: &UserFilter) -> Result<u64, Error> {
    Ok(user::Entity::find().filter(condition(filter)).count(db).await?)
}

fn condition(filter: &UserFilter) -> Condition {
    let some = |codes: Vec<i16>| Some(codes).filter(|codes| !codes.is_empty());
    let types = some(filter.types.iter().map(|kind| kind.code()).collect());
    let states = some(filter.states.iter().map(|state| state.code()).collect());
    let members = Some(&filter.members_of).filter(|organizations| !organizations.is_empty());
    let name = Some(&filter.name_query).filter(|query| !query.is_empty());
    Condition::all()
        .add(user::Column::Provenance.ne(Provenance::Deleted.code()))
        .add_option(types.map(|types| user::Column::UserType.is_in(types)))
        .add_option(states.map(|states| user::Column::State.is_in(states)))
        .add_option(has_role(&filter.roles))
        .add_option(members.map(|organizations| user::Column::Id.in_subquery(members_of(organizations))))
        .add_option(name.map(|query| user::Column::Username.like(containing(query))))
}

/// Who is switched off keeps the role for the time after, and has none until then.
fn has_role(roles: &[ServerRole]) -> Option<Condition> {
    let is_admin = || {
        let (admin, active) = (ServerRole::Admin.code(), UserState::Active.code());
        Condition::all().add(user::Column::ServerRole.eq(admin)).add(user::Column::State.eq(active))
    };
    match (roles.contains(&ServerRole::Admin), roles.contains(&ServerRole::Member)) {
        (true, false) => Some(is_admin()),
        (false, true) => Some(is_admin().not()),
        _ => None,
    }
}

fn members_of(organizations: &[OrganizationId]) -> SelectStatement {
    let ids = organizations.iter().map(|id| id.uuid());
    let mut query = Query::select();
    query.column(Alias::new("user_id")).from(Alias::new("organization_member"));
    query.and_where(Expr::col(Alias::new("organization_id")).is_in(ids));
    query
}

/// Registry names are in lower case, so the query is compared in lower case.
fn containing(query: &str) -> LikeExpr {
    let mut pattern = String::from("%");
    for c in name::key(query).chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    LikeExpr::new(pattern).escape('\\')
}
