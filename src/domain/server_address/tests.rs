use proptest::prelude::*;
use secrecy::ExposeSecret;

use super::*;

/// What must never be seen in anything that is shown.
const SECRET: &str = "hunter2";

fn read(text: &str) -> ServerAddress {
    ServerAddress::parse(text).unwrap_or_else(|e| panic!("{text}: {e}"))
}

fn hosts(text: &str) -> String {
    read(text).hosts.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

#[test]
fn servers_are_names_addresses_and_sockets() {
    for (text, hosts_read) in [
        ("postgres://u@db.example/shop", "db.example:5432"),
        ("postgresql://u@db.example:6432/shop", "db.example:6432"),
        ("postgres://u@a,b:6432,10.0.0.7/shop", "a:5432 b:6432 10.0.0.7:5432"),
        ("postgres://u@[::1]/shop", "[::1]:5432"),
        ("postgres://u@[2001:DB8::7]:6432,b/shop", "[2001:db8::7]:6432 b:5432"),
        ("postgres://u@%2Frun%2Fpostgresql/shop", "/run/postgresql"),
        ("postgres://u@%2Frun%2Fpg%3A1:6432,%2Fother/shop", "/run/pg:1 port 6432 /other"),
        ("postgres://u@/shop?host=/run/postgresql", "/run/postgresql"),
        ("postgres://u@/shop?host=%2Fa&host=/b%20c", "/a /b c"),
    ] {
        assert_eq!(hosts(text), hosts_read, "{text}");
    }
}

#[test]
fn what_is_percent_encoded_is_decoded() {
    let address = read("postgres://mi%6Ea%40shop:p%40ss%3A%2F%3F%23%25%20%C3%A4@h/my%20shop");
    assert_eq!((address.user.as_str(), address.database.as_str()), ("mina@shop", "my shop"));
    assert_eq!(address.password.unwrap().expose_secret(), "p@ss:/?#% ä");
    assert_eq!(read("postgres://u:a:b@h/d").password.unwrap().expose_secret(), "a:b");
    assert!(read("postgres://u@h/d").password.is_none());
}

#[test]
fn what_is_not_said_is_safe() {
    let address = read("postgres://u@h/d");
    assert_eq!((address.tls, address.root_certificate, address.read_write), (Tls::Verified, None, false));
    assert_eq!(address.connect_timeout, Duration::from_secs(5));
    let address = read(
        "postgres://u@h/d?sslmode=disable&sslrootcert=%2Fetc%2Fca.pem&target_session_attrs=read-write&connect_timeout=60",
    );
    assert_eq!((address.tls, address.root_certificate), (Tls::Off, Some("/etc/ca.pem".into())));
    assert!(address.read_write && address.connect_timeout == Duration::from_mins(1));
    assert!(read("postgres://u@h/d?target_session_attrs=primary").read_write);
    assert_eq!(read("postgres://u@h/d?&sslmode=verify-full&").tls, Tls::Verified);
}

#[test]
fn what_is_wrong_is_said_and_never_the_password() {
    for (text, says) in [
        ("mysql://u:hunter2@h/d", "postgres://USER@HOST/DATABASE"),
        ("postgres:u:hunter2@h/d", "postgres://USER@HOST/DATABASE"),
        ("postgres://u:hunter2@h", "database is missing"),
        ("postgres://u:hunter2@h/", "must all be given"),
        ("postgres://:hunter2@h/d", "must all be given"),
        ("postgres://u:hunter2@/d", "must all be given"),
        ("postgres://h/d", "user is missing"),
        ("postgres://u:hun/ter2@h/d", "are written as %40"),
        ("postgres://u:x@y/hunter2@h/d", "are written as %40"),
        ("postgres://u:x@y/d?hunter2@h/d", "are written as %40"),
        ("postgres://u:x@y/d?hunter2=1", "none that keydesk knows"),
        ("postgres://u:x?hunter2@h/d", "database is missing"),
        ("postgres://u:hunter2@h/d?password=hunter2", "none that keydesk knows"),
        ("postgres://u:hunter2@h/d?host=elsewhere", "folder of a socket"),
        ("postgres://u:hunter2@h:0/d", "1 to 65535"),
        ("postgres://u:hunter2@h:65536/d", "1 to 65535"),
        ("postgres://u:hunter2@h:/d", "1 to 65535"),
        ("postgres://u:hunter2@a,,b/d", "a host is"),
        ("postgres://u:hunter2@::1/d", "a host is"),
        ("postgres://u:hunter2@[::g]/d", "no IPv6 address"),
        ("postgres://u:hunter2@a%20b/d", "a host is"),
        ("postgres://u:hunter2%FF@h/d", "not UTF-8"),
        ("postgres://u%00database%00x:hunter2@h/d", "control character"),
        ("postgres://u:hunter2@h/d?sslmode=prefer", "verify-full or"),
        ("postgres://u:hunter2@h/d?sslmode=require", "verify-full or"),
        ("postgres://u:hunter2@h/d?sslmode", "verify-full or"),
        ("postgres://u:hunter2@h/d?sslrootcert=ca.pem", "whole path"),
        ("postgres://u:hunter2@h/d?target_session_attrs=standby", "read-write or any"),
        ("postgres://u:hunter2@h/d?connect_timeout=0", "1 to 60"),
        ("postgres://u:hunter2@h/d?connect_timeout=soon", "1 to 60"),
    ] {
        let problem = ServerAddress::parse(text).expect_err(text);
        assert!(problem.contains(says) && !problem.contains(SECRET), "{text}: {problem}");
    }
}

#[test]
fn a_password_is_shown_nowhere() {
    let address = read("postgres://mina:hunter2@a,[::1]:6432/shop?sslmode=disable");
    assert_eq!(address.to_string(), "postgres://mina@a:5432,[::1]:6432/shop");
    let apart = read("postgres://mina@a/shop").with_password(SECRET.into()).unwrap();
    for shown in [format!("{address} {address:?} {address:#?}"), format!("{apart} {apart:?}")] {
        assert!(!shown.contains(SECRET), "{shown}");
    }
    assert!(address.with_password("x".into()).unwrap_err().contains("one must go"));
}

#[test]
fn this_machine_is_known() {
    for local in ["localhost", "127.0.0.1", "127.8.0.1", "[::1]", "%2Frun", "localhost,[::1]"] {
        assert!(read(&format!("postgres://u@{local}/d")).is_local(), "{local}");
    }
    for away in ["db.example", "10.0.0.1", "localhost,db.example", "localhost.example"] {
        assert!(!read(&format!("postgres://u@{away}/d")).is_local(), "{away}");
    }
}

proptest! {
    #[test]
    fn no_text_breaks_the_reader(text in "(postgres(ql)?://)?[a-c@:/?&=,%\\[\\]\u{0}\u{e4}0-9]{0,60}|\\PC{0,80}") {
        if let Ok(address) = ServerAddress::parse(&text) {
            prop_assert!(!address.hosts.is_empty() && !address.user.is_empty() && !address.database.is_empty());
        }
    }

    #[test]
    fn an_address_is_read_as_it_was_written(user in "\\PC{1,12}", password in "\\PC{1,12}", database in "\\PC{1,12}") {
        let encoded = |text: &str| percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string();
        let text = format!("postgres://{}:{}@h/{}", encoded(&user), encoded(&password), encoded(&database));
        let address = ServerAddress::parse(&text).unwrap();
        prop_assert_eq!((&address.user, &address.database), (&user, &database));
        prop_assert_eq!(address.password.as_ref().unwrap().expose_secret(), password.as_str());
    }
}
