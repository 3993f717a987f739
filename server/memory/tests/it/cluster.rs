//! A real PostgreSQL of our own: made in a temporary folder, reached through a socket in it or by TLS on a port of this
//! machine, gone with the tests. Its certificate is `server.pem` in its data folder, and its own root.

use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use sqlx::{AssertSqlSafe, Connection, PgConnection};

/// What to do when there is no PostgreSQL.
const INSTALL: &str = "These tests need PostgreSQL's server programs `initdb` and `postgres` (13 or newer), on the PATH \
     or below /usr/lib/postgresql. On Debian or Ubuntu: apt-get install postgresql. On Fedora: dnf install \
     postgresql-server. On macOS: brew install postgresql@17. To go without, knowing that half of the tests is skipped: \
     XTASK_SKIP_POSTGRES=1.";

/// A new, empty database; none when tests with PostgreSQL are to be skipped.
pub(crate) async fn new_database() -> Option<String> {
    static CLUSTER: OnceLock<Cluster> = OnceLock::new();
    static DATABASES: AtomicU32 = AtomicU32::new(0);
    if std::env::var_os("XTASK_SKIP_POSTGRES").is_some_and(|value| value == "1") {
        eprintln!("SKIPPED: XTASK_SKIP_POSTGRES=1, nothing of PostgreSQL is tested here");
        return None;
    }
    let cluster = tokio::task::spawn_blocking(|| CLUSTER.get_or_init(Cluster::start)).await.unwrap();
    let name = format!("memory_{}", DATABASES.fetch_add(1, Ordering::Relaxed));
    let mut admin = PgConnection::connect(&cluster.url("postgres")).await.unwrap();
    sqlx::query(AssertSqlSafe(format!("CREATE DATABASE {name}"))).execute(&mut admin).await.unwrap();
    Some(cluster.url(&name))
}

struct Cluster {
    folder: PathBuf,
    port: u16,
    /// A shell that waits for the end of its input: the cluster ends with this process, however that ends.
    _keeper: Child,
}

impl Cluster {
    fn start() -> Self {
        (0..5).find_map(|_| Self::on_a_free_port()).expect("whatever port is free, somebody takes it first")
    }

    /// None if somebody has taken the port before the server could.
    fn on_a_free_port() -> Option<Self> {
        let initdb = program("initdb").unwrap_or_else(|| panic!("initdb is not installed. {INSTALL}"));
        let postgres = program("postgres").unwrap_or_else(|| panic!("postgres is not installed. {INSTALL}"));
        let folder = tempfile::Builder::new().prefix("colloquy-pg-").tempdir().unwrap().keep();
        let account = Account::for_postgres();
        account.own(&folder);
        let data = folder.join("data");
        let made = account
            .command(&initdb)
            .args(["--username=colloquy", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", "-D"])
            .arg(&data)
            .output()
            .unwrap();
        assert!(made.status.success(), "initdb failed: {}", String::from_utf8_lossy(&made.stderr));
        let names = ["localhost".to_owned(), "127.0.0.1".to_owned()];
        let made = rcgen::generate_simple_self_signed(names).unwrap();
        for (name, text) in [("server.pem", made.cert.pem()), ("server.key", made.signing_key.serialize_pem())] {
            let file = data.join(name);
            fs::write(&file, text).unwrap();
            fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
            account.own(&file);
        }
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let keeper = account
            .command(Path::new("sh"))
            .args(["-c", KEEPER, "keeper"])
            .arg(&postgres)
            .arg(&data)
            .arg(&folder)
            .arg(port.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let cluster = Self { folder, port, _keeper: keeper };
        cluster.listens().then_some(cluster)
    }

    fn url(&self, database: &str) -> String {
        let socket = self.folder.to_string_lossy().replace('/', "%2F");
        format!("postgres://colloquy@{socket}:{}/{database}", self.port)
    }

    /// Whether it does, or its port is another's. The socket's lock file gets its last line when the server is ready.
    fn listens(&self) -> bool {
        let began = Instant::now();
        let read = |name: &str| fs::read_to_string(self.folder.join(name)).unwrap_or_default();
        while read("data/postmaster.pid").lines().nth(7).is_none_or(|line| line.trim() != "ready") {
            let log = read("log");
            if log.contains("Address already in use") {
                return false;
            }
            assert!(began.elapsed() < Duration::from_secs(60), "PostgreSQL does not start: {log}");
            std::thread::sleep(Duration::from_millis(20));
        }
        true
    }
}

/// Runs the server in the background, waits until nobody holds the input open any more, ends the server and cleans up.
const KEEPER: &str = r#"
"$1" -D "$2" -k "$3" -c listen_addresses=127.0.0.1 -c port="$4" -c ssl=on \
    -c ssl_cert_file=server.pem -c ssl_key_file=server.key -c fsync=off -c max_connections=200 -c shared_buffers=64MB >"$3/log" 2>&1 </dev/null &
server=$!
cat >/dev/null
kill -INT $server
wait $server
rm -rf "$3"
"#;

/// Who runs the server: it refuses to be run by root.
enum Account {
    Own,
    Other(&'static str),
}

impl Account {
    fn for_postgres() -> Self {
        let output = |program: &str, arguments: &[&str]| Command::new(program).args(arguments).output();
        let root = output("id", &["-u"]).is_ok_and(|id| id.stdout.starts_with(b"0\n"));
        let known = |name: &str| output("id", &["-u", name]).is_ok_and(|id| id.status.success());
        match root {
            false => Self::Own,
            true if known("postgres") => Self::Other("postgres"),
            true => Self::Other("nobody"),
        }
    }

    fn own(&self, folder: &Path) {
        if let Self::Other(name) = self {
            let owned = Command::new("chown").arg(name).arg(folder).status().unwrap();
            assert!(owned.success(), "the folder cannot be given to {name}");
        }
    }

    fn command(&self, program: &Path) -> Command {
        let mut command = match self {
            Self::Own => Command::new(program),
            Self::Other(name) => {
                let mut command = Command::new("setpriv");
                command.args(["--reuid", name, "--regid", name, "--clear-groups", "--"]).arg(program);
                command
            }
        };
        command.current_dir(std::env::temp_dir());
        command
    }
}

/// Where a program of the server lies; distributions keep them off the PATH.
fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let mut versions: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .map(|entries| entries.flatten().map(|entry| entry.path().join("bin")).collect())
        .unwrap_or_default();
    versions.sort();
    folders.extend(versions.into_iter().rev());
    folders.push("/usr/pgsql/bin".into());
    folders.into_iter().map(|folder| folder.join(name)).find(|file| file.is_file())
}
