//! Customer files in and out: the real program, on files such as Magento writes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that fails says so by panicking"
)]

use std::{
    fmt::Write as _,
    fs,
    io::Write as _,
    os::unix::fs::{PermissionsExt, symlink},
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

use keydesk::{
    domain::{customer::NewCustomer, email::EmailAddress, website::WebsiteId},
    service::password_hash::{self, Memory},
    store::{
        Customers, Setup, StoreError,
        sql::{OpenMode, SqlStore},
    },
};
use serde_json::Value;
use tempfile::TempDir;

/// The columns of the file that Magento's own tests import.
const COLUMNS: &str = "email,_website,_store,website_id,store_id,created_in,prefix,firstname,middlename,lastname,suffix,\
    group_id,dob,password_hash,rp_token,rp_token_created_at,taxvat,confirmation,created_at,gender,\
    disable_auto_group_change,updated_at,failures_num,first_failure,lock_expires,password";

/// Of the password `123123q`, as Magento makes it.
const HASH: &str =
    "7d2b20a155153560082e933648d0acc60c6c65fd76b1059d088ed34a80f7b268:iGPametdW0LmzYhCYvTj359LW30dC99B:3_32_2_67108864";

/// So many customers as that file has them, each with a name of their own.
fn magento_file(customers: usize) -> String {
    let mut file = format!("{COLUMNS}\n");
    for n in 1..=customers {
        let (group, gender) = (1 + n % 3, ["Male", "Female"][n % 2]);
        let (minute, second) = (n / 60 % 60, n % 60);
        writeln!(
            file,
            "user_{n}@example.com,base,default,1,1,Default Store View,,Given{n},,\"Family, {n}\",,{group},1980-01-01,{HASH},\
             0:3:AAECAwQFBgcICQoLuV0X,2020-01-01 00:00:00,,,2019-03-01 12:{minute:02}:{second:02},{gender},0,\
             2019-03-02 00:00:00,0,,,"
        )
        .unwrap();
    }
    file
}

/// An empty shop in a folder of its own, with room for files.
struct Shop(TempDir);

impl Shop {
    fn new() -> Self {
        let shop = Self(tempfile::tempdir().unwrap());
        assert!(shop.run(&["migrate"]).status.success());
        shop
    }

    fn demo(customers: &str) -> Self {
        let shop = Self(tempfile::tempdir().unwrap());
        let dir = shop.0.path().display().to_string();
        let now = "2026-11-20T12:00:00Z";
        let made = shop.run(&["demo", "--no-console", "--customers", customers, "--dir", &dir, "--now", now]);
        assert!(made.status.success(), "{made:?}");
        shop
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn database(&self) -> PathBuf {
        self.path("keydesk.db")
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        fs::write(self.path(name), text).unwrap();
        self.path(name)
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.0.path()).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_keydesk"));
        command.args(args).args(["--operator", "mina"]).current_dir(self.0.path()).env_clear();
        command.env("HOME", self.0.path()).env("KEYDESK_DATABASE", format!("sqlite:{}", self.database().display()));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    fn json(&self, args: &[&str]) -> (i32, Value) {
        let output = self.run(&[args, &["--json"]].concat());
        assert!(output.stderr.is_empty(), "{output:?}");
        (output.status.code().unwrap(), serde_json::from_slice(&output.stdout).unwrap())
    }

    /// Imports a file, making its websites, and gives exit code and counts.
    fn import(&self, file: &Path) -> (i32, [u64; 4]) {
        let (code, answer) = self.json(&["import", "--create-websites", file.to_str().unwrap()]);
        (code, counts(&answer))
    }

    /// Everything that an export tells, in an order that does not depend on ids.
    fn everybody(&self) -> Vec<String> {
        let output = self.run(&["export", "-", "--sort", "email"]);
        assert!(output.status.success(), "{output:?}");
        let mut lines: Vec<String> = stdout(&output).lines().map(str::to_owned).collect();
        lines.sort();
        lines
    }

    fn found(&self, query: &str) -> u64 {
        self.json(&["customers", query]).1["count"]["value"].as_u64().unwrap()
    }

    fn audit(&self) -> Vec<(String, String)> {
        let (_, list) = self.json(&["audit", "list", "--limit", "1000"]);
        let entries = list["entries"].as_array().unwrap();
        let text = |entry: &Value, name: &str| entry[name].as_str().unwrap().to_owned();
        entries.iter().map(|entry| (text(entry, "action"), text(entry, "detail"))).collect()
    }
}

fn counts(answer: &Value) -> [u64; 4] {
    ["added", "changed", "unchanged", "rejected"]
        .map(|name| answer[name].as_u64().unwrap_or_else(|| panic!("{name}: {answer}")))
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn a_file_is_taken_over_once_however_often_it_is_imported() {
    let shop = Shop::new();
    let file = shop.write("customers.csv", &format!("\u{feff}{}", magento_file(2000)));
    assert_eq!(shop.import(&file), (0, [2000, 0, 0, 0]));
    let audit = shop.audit();
    assert_eq!(
        audit,
        [
            ("customer.import".into(), "customers.csv: done, 2000 added, 0 changed, 0 unchanged, 0 rejected".into()),
            ("customer.import".into(), "customers.csv: begun".into()),
        ]
    );
    assert_eq!(shop.import(&file), (0, [0, 0, 2000, 0]));
    assert_eq!(shop.audit(), audit, "nothing was written");
    assert_eq!((shop.found("website:base"), shop.found("given1999"), shop.found("group:retailer")), (2000, 1, 667));

    let (_, record) = shop.json(&["show", "user_77@example.com"]);
    assert_eq!(record["customer"]["name"], "Given77 Family, 77");
    assert_eq!(record["customer"]["created_at"], "2019-03-01T12:01:17Z");
    let export = shop.everybody().join("\n");
    assert!(export.contains("Default Store View") && !export.contains(&HASH[..40]) && !export.contains("AAECAwQ"));
}

#[tokio::test]
async fn passwords_of_the_old_shop_go_on_working() {
    let shop = Shop::new();
    shop.import(&shop.write("customers.csv", &magento_file(1)));
    let store = SqlStore::open_file(&shop.database(), OpenMode::MustExist).await.unwrap();
    let email = EmailAddress::parse("user_1@example.com").unwrap();
    let stored = store.stored_by_email(&[(email, WebsiteId(1))]).await.unwrap();
    let hash = stored[0].data.password_hash.clone().unwrap();
    let hash = hash.as_str();
    assert!(
        password_hash::fits(&mut Memory::default(), "123123q", hash)
            && !password_hash::fits(&mut Memory::default(), "123123Q", hash)
    );
    assert!(password_hash::needs_rehash(hash));
}

#[test]
fn only_what_differs_is_changed_whatever_the_order_of_columns() {
    let shop = Shop::new();
    shop.import(&shop.write("a.csv", &magento_file(50)));
    let rows = "lastname,telephone,firstname,loyalty,email,_website\n\
        \"Family, 7\",,Given7,,USER_7@example.com,base\n\
        Renamed,+82 10-1234-5678,Given8,gold,user_8@example.com,base\n\
        New,,Somebody,,new@example.com,base\n";
    let file = shop.write("b.csv", rows);
    assert_eq!(shop.import(&file), (0, [1, 1, 1, 0]));
    assert_eq!(shop.import(&file), (0, [0, 0, 3, 0]));
    assert_eq!((shop.found("renamed"), shop.found("name:\"family, 8\""), shop.found("010-1234-5678")), (1, 0, 1));
    let (_, record) = shop.json(&["show", "user_8@example.com"]);
    assert_eq!(
        (&record["history"][0]["action"], &record["history"][0]["operator"]),
        (&"customer.change".into(), &"mina".into())
    );
    let line = shop.everybody().into_iter().find(|line| line.starts_with("user_8@")).unwrap();
    assert!(line.contains("Default Store View") && line.ends_with(",gold"), "{line}");
}

#[test]
fn bad_rows_are_put_aside_and_can_be_corrected() {
    let shop = Shop::new();
    let mut text = magento_file(3);
    text.push_str(&text.lines().nth(1).unwrap().replace("example.com", "example").clone());
    text.push('\n');
    text.push_str(&text.lines().nth(2).unwrap().replace("Given", "=cmd|"));
    text.push_str("\nshort,row\n");
    let odd = text.lines().nth(3).unwrap().replace("user_3", "user_4").replace(",0,,,", ",0,,,hunter2");
    text.push_str(&odd);
    let file = shop.write("a.csv", &text);
    let (code, answer) = shop.json(&["import", "a.csv", "--create-websites"]);
    assert_eq!((code, &answer["outcome"], counts(&answer)), (7, &"partial".into(), [3, 0, 0, 4]));
    let rejects = fs::read_to_string(shop.path("a.csv.rejects.csv")).unwrap();
    assert_eq!(fs::metadata(shop.path("a.csv.rejects.csv")).unwrap().permissions().mode() & 0o777, 0o600);
    let reasons: Vec<&str> = rejects.lines().skip(1).map(|line| line.split(",user").next().unwrap()).collect();
    assert_eq!(
        reasons,
        [
            "5,email,the part after the @ is not a domain",
            "6,email,an earlier row of this file has the same address on the same website",
            "7,,\"the row has 2 cells, the header has 26\",short,row",
            "8,password,passwords in clear text are not taken; leave it empty and send the customer a reset",
        ]
    );
    assert!(!rejects.contains(&HASH[..40]) && !rejects.contains("hunter2") && rejects.contains("'=cmd|2"), "{rejects}");
    assert_eq!(answer["first_rejects"][0]["line"], 5);

    // The same once more: the file is not written over.
    let output = shop.run(&["import", "a.csv"]);
    assert_eq!(output.status.code(), Some(7));
    assert!(stderr(&output).contains("are in a.csv.rejects-2.csv"), "{}", stderr(&output));
    let given = shop.run(&["import", "a.csv", "--rejects", "a.csv.rejects.csv"]);
    assert_eq!(given.status.code(), Some(2));
    assert_eq!(fs::read_to_string(shop.path("a.csv.rejects.csv")).unwrap(), rejects);

    let corrected: Vec<String> = rejects
        .lines()
        .filter(|line| !line.starts_with("7,") && !line.starts_with("6,"))
        .map(|line| line.replace("@example,", "@corrected.example,"))
        .collect();
    let file_2 = shop.write("b.csv", &corrected.join("\n"));
    assert_eq!(shop.import(&file_2), (0, [2, 0, 0, 0]));
    assert_eq!(shop.import(&file), (7, [0, 0, 3, 4]));
}

#[test]
fn a_dry_run_reads_everything_and_writes_nothing() {
    let shop = Shop::new();
    let text = magento_file(20).replace("user_5@example.com", "user_5");
    shop.write("a.csv", &text);
    let (code, answer) = shop.json(&["import", "a.csv", "--create-websites", "--dry-run"]);
    assert_eq!((code, counts(&answer)), (7, [19, 0, 0, 1]));
    let (code, answer) = shop.json(&["import", "a.csv", "--dry-run"]);
    assert_eq!((code, counts(&answer)), (7, [0, 0, 0, 20]), "the website is not there");
    assert!(shop.audit().is_empty() && shop.found("") == 0);
    assert!(!shop.names().iter().any(|name| name.contains("rejects")));
    shop.run(&["import", "a.csv", "--create-websites"]);
    let other = shop.write("b.csv", &magento_file(21).replace("Given3,", "Changed,").replace(",1980-01-01,", ",,"));
    let (code, answer) = shop.json(&["import", other.to_str().unwrap(), "--dry-run"]);
    assert_eq!((code, &answer["outcome"], counts(&answer)), (0, &"planned".into(), [2, 19, 0, 0]));
    assert_eq!(shop.found("changed"), 0);
}

#[test]
fn what_is_no_customer_file_is_told_apart() {
    let shop = Shop::new();
    for (text, says) in [
        ("", "is empty"),
        ("name,phone\nx,1\n", "it has no column email"),
        ("\u{0}\u{1}\u{2}", "not a file of customers"),
        ("email,_website,firstname,lastname,email\n", "columns 1 and 5 have the same name"),
    ] {
        shop.write("a.csv", text);
        let output = shop.run(&["import", "a.csv"]);
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        assert!(stderr(&output).contains(says), "{}", stderr(&output));
    }
    for path in ["missing.csv", "."] {
        assert_eq!(shop.json(&["import", path]).1["reason"], "file");
    }
}

#[test]
fn a_quote_that_is_never_closed_ends_the_import_and_not_the_memory() {
    let shop = Shop::new();
    let mut text = magento_file(5000);
    text.push_str("late@example.com,base,\"");
    text.push_str(&"x,".repeat(16 << 20));
    let file = shop.write("a.csv", &text);
    let (code, answer) = shop.json(&["import", file.to_str().unwrap(), "--create-websites"]);
    assert_eq!((code, &answer["reason"], counts(&answer)[0]), (1, &"endless_row".into(), 5000), "{answer}");
    assert!(answer["message"].as_str().unwrap().contains("begins in line 5002"), "{answer}");
    assert_eq!(shop.found("given4999"), 1);
}

#[test]
fn standard_input_and_output_are_files_too() {
    let (shop, other) = (Shop::demo("300"), Shop::new());
    let export = shop.run(&["export", "-"]);
    assert_eq!(stderr(&export), "Exported 300 customers.\n");
    assert_eq!(shop.run(&["export", "-", "--json"]).status.code(), Some(2));
    let mut import =
        other.command(&["import", "-", "--create-websites", "--json"]).stdin(Stdio::piped()).spawn().unwrap();
    import.stdin.take().unwrap().write_all(&export.stdout).unwrap();
    let answer: Value = serde_json::from_slice(&import.wait_with_output().unwrap().stdout).unwrap();
    assert_eq!(counts(&answer), [300, 0, 0, 0]);
    assert_eq!(other.everybody(), shop.everybody(), "hostile names, groups and phones come back as they were");
    let mut reader = shop.command(&["export", "-"]).spawn().unwrap();
    drop(reader.stdout.take());
    assert_eq!(reader.wait().unwrap().code(), Some(0), "a reader that goes away is no error");
}

#[test]
fn an_export_is_whole_new_and_private() {
    let shop = Shop::demo("300");
    let (code, answer) = shop.json(&["export", "a.csv", "website:kr", "--reason", "T-1"]);
    let text = fs::read_to_string(shop.path("a.csv")).unwrap();
    assert_eq!((code, answer["customers"].as_u64().unwrap()), (0, shop.found("website:kr")));
    assert_eq!(text.lines().next().unwrap().split(',').take(3).collect::<Vec<_>>(), ["email", "_website", "_store"]);
    assert!(!text.contains("argon2") && !text.contains("password"));
    assert_eq!(fs::metadata(shop.path("a.csv")).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(shop.audit()[0], ("customer.export".into(), "website:kr to a.csv".into()));

    shop.write("there.csv", "mine");
    symlink(shop.path("elsewhere.csv"), shop.path("link.csv")).unwrap();
    for taken in ["there.csv", "link.csv"] {
        assert_eq!(shop.json(&["export", taken]).1["reason"], "file_exists");
    }
    assert_eq!(fs::read_to_string(shop.path("there.csv")).unwrap(), "mine");
    assert!(!shop.path("elsewhere.csv").exists());
    assert_eq!(shop.json(&["export", "no/such/folder.csv"]).0, 1);
    assert_eq!(shop.json(&["export", "b.csv", "is:happy"]).0, 2);
    assert!(!shop.path("b.csv").exists());
}

#[test]
fn a_disk_that_fills_up_leaves_nothing_behind() {
    let shop = Shop::demo("3000");
    // Files of this shell's programs end at 256 KiB, and writing on is an error.
    let line =
        format!("trap '' XFSZ; ulimit -f 256; exec {} export a.csv --operator mina", env!("CARGO_BIN_EXE_keydesk"));
    let before = shop.names();
    let mut shell = Command::new("bash");
    let url = format!("sqlite:{}", shop.database().display());
    let output = shell.args(["-c", &line]).current_dir(shop.0.path()).env("KEYDESK_DATABASE", url).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(stderr(&output).contains("a.csv could not be written"), "{output:?}");
    let left: Vec<String> = shop.names().into_iter().filter(|name| !before.contains(name)).collect();
    assert!(left.iter().all(|name| name.starts_with("keydesk.db")), "{left:?}");
}

#[test]
fn two_imports_at_once_do_not_get_into_each_others_way() {
    let shop = Shop::new();
    shop.import(&shop.write("first.csv", &magento_file(1)));
    let file = shop.write("a.csv", &magento_file(4000));
    let args = ["import", "--create-websites", "--json", file.to_str().unwrap()];
    let both = [shop.command(&args).spawn().unwrap(), shop.command(&args).spawn().unwrap()];
    let added = both.map(|one| {
        let output = one.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        counts(&serde_json::from_slice(&output.stdout).unwrap())[0]
    });
    assert_eq!((added[0] + added[1], shop.found("")), (3999, 4000));
}

#[tokio::test]
async fn while_one_process_loads_nobody_else_adds() {
    let shop = Shop::new();
    shop.import(&shop.write("first.csv", &magento_file(1)));
    let open = || async { SqlStore::open_file(&shop.database(), OpenMode::MustExist).await.unwrap() };
    let (one, other) = (open().await, open().await);
    let email = |text: &str| EmailAddress::parse(text).unwrap();
    let known = one.stored_by_email(&[(email("user_1@example.com"), WebsiteId(1))]).await.unwrap().remove(0).data;
    let batch = |text: &str| one.batch(&[NewCustomer { email: email(text), ..known.clone() }]);
    one.begin_bulk().await.unwrap();
    assert!(other.insert_customers(batch("a@b.co")).await.unwrap_err().to_string().contains("loading customers"));
    one.insert_customers(batch("a@b.co")).await.unwrap();
    one.finish_bulk().await.unwrap();
    assert!(matches!(other.insert_customers(batch("A@b.co")).await, Err(StoreError::DuplicateEmail)));
    other.insert_customers(batch("c@b.co")).await.unwrap();
}

/// Kills an import after some time; false when it was done before.
fn kill_after(shop: &Shop, file: &Path, time: Duration) -> bool {
    let mut import = shop.command(&["import", "--create-websites", file.to_str().unwrap()]).spawn().unwrap();
    thread::sleep(time);
    import.kill().unwrap();
    !import.wait().unwrap().success()
}

#[test]
fn an_import_that_is_killed_is_finished_by_the_next() {
    const ROWS: usize = 12_000;
    let clean = Shop::new();
    let text = magento_file(ROWS);
    let began = Instant::now();
    assert_eq!(clean.import(&clean.write("a.csv", &text)), (0, [ROWS as u64, 0, 0, 0]));
    let whole = began.elapsed();
    let wanted = clean.everybody();
    let queries = ["", "given5999", "email:user_5000@", "group:wholesale", "website:base"];
    let found = queries.map(|query| clean.found(query));
    let (mut killed, mut halfway) = (0, 0);
    // Into an empty shop, and into one where somebody is already.
    for (start, points) in [(0, 3), (1, 2)] {
        for point in 1..=points {
            let shop = Shop::new();
            if start > 0 {
                shop.import(&shop.write("first.csv", &magento_file(start)));
            }
            let file = shop.write("a.csv", &text);
            killed += u32::from(kill_after(&shop, &file, whole * point / (points + 1)));
            let there = shop.found("");
            halfway += u32::from((1..ROWS as u64).contains(&there) && there > start as u64);
            let (code, [added, changed, unchanged, rejected]) = shop.import(&file);
            assert_eq!((code, added + unchanged, changed, rejected), (0, ROWS as u64, 0, 0));
            assert_eq!(shop.everybody(), wanted, "killed at {point} of {points}");
            assert_eq!(queries.map(|query| shop.found(query)), found);
            assert_eq!(shop.run(&["audit", "verify"]).status.code(), Some(0));
        }
    }
    assert!(killed >= 2 && halfway >= 1, "too few were killed at work: {killed}, half way {halfway}");
}
