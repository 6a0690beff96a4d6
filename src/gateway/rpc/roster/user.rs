//! Gateway floor: `roster.v1.UserService`.

use tonic::{Response, Status};

use crate::{
    domain::{
        name,
        role::ServerRole,
        user::{User, UserType},
    },
    gateway::rpc::{
        Call, Reply,
        auth::accept,
        convert::roster as convert,
        status::{All, refuse, rule},
    },
    proto::roster::v1::{
        ClearUserEmailRequest, ClearUserEmailResponse, CreateUserAccountRequest, CreateUserAccountResponse,
        GetUserAccountRequest, GetUserAccountResponse, ImportUsersRequest, ImportUsersResponse, ImportedRow,
        MergeUsersRequest, MergeUsersResponse, PreviewImportUsersRequest, PreviewImportUsersResponse,
        PreviewMergeUsersRequest, PreviewMergeUsersResponse, SetUserEmailRequest, SetUserEmailResponse,
        UserAccount, user_service_server as server,
    },
    services::{
        Error, Services, revision,
        user::{self, NewUser, Profile, import, merge},
    },
};

const USER: &str = "user_ref";
const FROM: &str = "from_user_ref";
const INTO: &str = "into_user_ref";

/// Accounts as server admins see them.
#[derive(Clone, Debug)]
pub(in crate::gateway::rpc) struct UserService(pub(in crate::gateway::rpc) Services);

#[tonic::async_trait]
impl server::UserService for UserService {
    async fn get_user_account(&self, call: Call<GetUserAccountRequest>) -> Reply<GetUserAccountResponse> {
        let (caller, request) = accept(call)?;
        self.0.reach(request.min_revision).await?;
        let reference = convert::to_user_ref(USER, request.user_ref)?;
        let found = user::get_account(&self.0, &caller, &reference).await?;
        Ok(Response::new(GetUserAccountResponse { user_account: shown(&found) }))
    }

    async fn create_user_account(
        &self,
        call: Call<CreateUserAccountRequest>,
    ) -> Reply<CreateUserAccountResponse> {
        let (caller, request) = accept(call)?;
        let (new, profile) = to_new(request)?;
        let made = user::create_person(&self.0, &caller, &new, &profile).await?;
        let revision = revision::made().unwrap_or_default();
        Ok(Response::new(CreateUserAccountResponse { user_account: shown(&made), revision }))
    }

    async fn set_user_email(&self, call: Call<SetUserEmailRequest>) -> Reply<SetUserEmailResponse> {
        let (caller, request) = accept(call)?;
        let (reference, ()) =
            (convert::to_user_ref(USER, request.user_ref), name::check_email("email", &request.email))
                .all()?;
        let changed = user::set_email(&self.0, &caller, &reference, Some(&request.email)).await?;
        let revision = revision::made().unwrap_or_default();
        Ok(Response::new(SetUserEmailResponse { user_account: shown(&changed), revision }))
    }

    async fn clear_user_email(&self, call: Call<ClearUserEmailRequest>) -> Reply<ClearUserEmailResponse> {
        let (caller, request) = accept(call)?;
        let reference = convert::to_user_ref(USER, request.user_ref)?;
        let changed = user::set_email(&self.0, &caller, &reference, None).await?;
        let revision = revision::made().unwrap_or_default();
        Ok(Response::new(ClearUserEmailResponse { user_account: shown(&changed), revision }))
    }

    async fn preview_import_users(
        &self,
        call: Call<PreviewImportUsersRequest>,
    ) -> Reply<PreviewImportUsersResponse> {
        let (caller, request) = accept(call)?;
        self.0.reach(request.min_revision).await?;
        let rows: Vec<_> = request.users.into_iter().map(convert::to_import_row).collect();
        let found = import::preview(&self.0, &caller, &rows).await?;
        let rows = found.into_iter().map(convert::from_import).collect();
        Ok(Response::new(PreviewImportUsersResponse { rows }))
    }

    async fn import_users(&self, call: Call<ImportUsersRequest>) -> Reply<ImportUsersResponse> {
        let (caller, request) = accept(call)?;
        let rows: Vec<_> = request.users.into_iter().map(convert::to_import_row).collect();
        let done = import::run(&self.0, &caller, &rows).await?.map_err(of_rows)?;
        let rows: Vec<ImportedRow> = done.into_iter().map(|done| convert::from_import(Ok(done))).collect();
        let revision = revision::made().unwrap_or_default();
        Ok(Response::new(ImportUsersResponse { rows, revision }))
    }

    async fn preview_merge_users(
        &self,
        call: Call<PreviewMergeUsersRequest>,
    ) -> Reply<PreviewMergeUsersResponse> {
        let (caller, request) = accept(call)?;
        self.0.reach(request.min_revision).await?;
        let (from, into) = (
            convert::to_user_ref(FROM, request.from_user_ref),
            convert::to_user_ref(INTO, request.into_user_ref),
        )
            .all()?;
        let planned = merge::preview(&self.0, &caller, &from, &into).await?;
        Ok(Response::new(PreviewMergeUsersResponse { user_merge: Some(convert::from_merge(planned)) }))
    }

    async fn merge_users(&self, call: Call<MergeUsersRequest>) -> Reply<MergeUsersResponse> {
        let (caller, request) = accept(call)?;
        let (from, into) = (
            convert::to_user_ref(FROM, request.from_user_ref),
            convert::to_user_ref(INTO, request.into_user_ref),
        )
            .all()?;
        let done = merge::merge(&self.0, &caller, &from, &into).await?;
        let revision = revision::made().unwrap_or_default();
        Ok(Response::new(MergeUsersResponse { user_merge: Some(convert::from_merge(done)), revision }))
    }
}

#[expect(clippy::unnecessary_wraps, reason = "message fields of prost are options")]
fn shown(user: &User) -> Option<UserAccount> {
    Some(convert::from_account(user))
}

fn to_new(request: CreateUserAccountRequest) -> Result<(NewUser, Profile), Status> {
    let email = Some(request.email).filter(|email| !email.is_empty());
    let ((), (), (), ()) = (
        name::check_name("username", &request.username),
        email.as_deref().map_or(Ok(()), |email| name::check_email("email", email)),
        name::check_description(&request.description),
        name::check_url(&request.url),
    )
        .all()?;
    let new = NewUser {
        username: request.username,
        email,
        user_type: UserType::Personal,
        server_role: ServerRole::Member,
    };
    let (description, url) = (request.description, request.url);
    Ok((new, Profile { description, url, ..Profile::default() }))
}

/// Everything that is wrong with the rows of an import.
fn of_rows(broken: Vec<Error>) -> Status {
    let violation = |error: Error| {
        let row = error.item.map(|index| format!("users[{index}]")).unwrap_or_default();
        let path = error.field.map_or(row.clone(), |field| format!("{row}.{field}"));
        (path, rule(&error).to_owned())
    };
    refuse(broken.into_iter().map(violation).collect())
}
