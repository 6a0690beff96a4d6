//! What stands between the server and PostgreSQL, and can be cut.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use roster::storage::Pools;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::watch,
};

use super::Database;

/// How it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Whole,
    /// Connections end, and new ones end at once.
    Cut,
    /// Nothing passes, and nobody is told.
    Silent,
}

/// A way to a database.
pub(crate) struct Cable {
    state: watch::Sender<State>,
    refused: Arc<AtomicU64>,
}

impl Cable {
    /// A new database on PostgreSQL behind a cable, and the cable.
    pub(crate) async fn to_postgres(pools: Pools) -> (Database, Self) {
        let direct = Database::postgres().await;
        let after_host = direct.url.split_once('@').unwrap().1;
        let address = after_host.split('/').next().unwrap();
        let (cable, port) = Self::to(address.to_owned()).await;
        let url = direct.url.replace(address, &format!("127.0.0.1:{port}"));
        (Database::at(url, pools).await, cable)
    }

    /// A way to `target`, and the port that it begins at.
    async fn to(target: String) -> (Self, u16) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (sender, state) = watch::channel(State::Whole);
        let cable = Self { state: sender, refused: Arc::default() };
        let refused = Arc::clone(&cable.refused);
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                if *state.borrow() == State::Cut {
                    refused.fetch_add(1, Ordering::Relaxed);
                    continue;
                }
                tokio::spawn(carry(near, target.clone(), state.clone()));
            }
        });
        (cable, port)
    }

    /// How many connections were cut as soon as they were made.
    pub(crate) fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }

    pub(crate) fn set(&self, state: State) {
        self.state.send_replace(state);
    }
}

async fn carry(near: TcpStream, target: String, mut state: watch::Receiver<State>) {
    let (there, back) = (state.clone(), state.clone());
    let carry = async {
        let far = TcpStream::connect(target).await?;
        let ((from_near, to_near), (from_far, to_far)) = (near.into_split(), far.into_split());
        tokio::try_join!(pass(from_near, to_far, there), pass(from_far, to_near, back))
    };
    tokio::select! {
        _ = carry => {}
        _ = state.wait_for(|state| *state == State::Cut) => {}
    }
}

async fn pass(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    mut state: watch::Receiver<State>,
) -> std::io::Result<()> {
    let mut bytes = vec![0; 65_536];
    loop {
        let count = from.read(&mut bytes).await?;
        if count == 0 {
            return to.shutdown().await;
        }
        let _ = state.wait_for(|state| *state != State::Silent).await;
        to.write_all(&bytes[..count]).await?;
    }
}
