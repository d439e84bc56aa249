//! Customers as other shops write them down.

use csv::{ByteRecord, ReaderBuilder, Writer};
use jiff::Timestamp;
use keydesk::domain::{
    customer::NewCustomer,
    customer_file::{FileRow, GroupName, Header, Sheet, cell, is_secret},
    website::{GroupId, WebsiteId},
};

use crate::{engine::Target, tty};

const WEBSITE: WebsiteId = WebsiteId(1);
const GROUP: GroupId = GroupId(1);
/// Most rows of an input that are read.
const ROWS: usize = 50;

/// All rows, as the import reads them; none once the file can no longer be read.
fn records(file: &[u8]) -> Vec<ByteRecord> {
    let reader = ReaderBuilder::new().has_headers(false).flexible(true).from_reader(file);
    reader.into_byte_records().map_while(Result::ok).take(ROWS + 1).collect()
}

fn row(header: &Header, record: &ByteRecord) -> Option<FileRow> {
    match FileRow::read(header, &record.iter().collect::<Vec<_>>()) {
        Ok(row) => Some(row),
        Err(problem) => {
            let is_known = problem.column.is_empty() || header.names().iter().any(|name| **name == *problem.column);
            assert!(is_known || problem.column == "_website", "{problem:?}");
            assert!(!problem.wrong.to_string().contains(tty::is_forbidden), "{problem:?}");
            None
        }
    }
}

/// The customer as a file of one row, and what is read of it.
fn exported(customer: &NewCustomer, website: &str, group: &GroupName) -> FileRow {
    let attributes: serde_json::Map<String, serde_json::Value> =
        customer.attributes.as_deref().map(|text| serde_json::from_str(text).unwrap()).unwrap_or_default();
    let sheet = Sheet::new(attributes.keys().cloned());
    let mut file = Writer::from_writer(Vec::new());
    file.write_record(sheet.header()).unwrap();
    file.write_record(sheet.row(customer, website, group.as_str())).unwrap();
    let records = records(&file.into_inner().unwrap());
    let [names, line] = records.as_slice() else { panic!("{records:?}") };
    let header = Header::read(names.iter()).unwrap();
    assert!(!header.names().iter().any(|name| is_secret(name)));
    for text in names.iter().chain(line) {
        let text = str::from_utf8(text).unwrap();
        // What a spreadsheet would calculate has a quote in front.
        assert_eq!(cell::harmless(cell::plain(text)), text);
        assert!(!text.trim_start_matches(' ').starts_with(['=', '+', '-', '@', '\t', '\r', '\n']), "{text:?}");
    }
    row(&header, line).unwrap()
}

#[test]
fn rows_of_a_customer_file() {
    let seeds = [
        "email,_website,firstname,lastname\na@b.co,base,Jon,Doe\n",
        "email,_website,_store,confirmation,created_at,created_in,disable_auto_group_change,dob,firstname,gender,group_id,\
         lastname,middlename,password_hash,prefix,rp_token,rp_token_created_at,store_id,suffix,taxvat,updated_at,website_id,\
         password\r\n\
         jondoe@example.com,Base,default,,2015-10-30 12:49:47,Default Store View,0,,Jon,,1,Doe,,\
         67a1e09bb1f83f5007dc119c14d663aa:salt:0,,,,0,,,2015-10-30 12:49:47,1,\r\n",
        "lastname,firstname,website_id,email,lock_expires,failures_num,is_active,last_login_at,telephone,_group,loyalty\n\
         길동,\"홍, \"\"길\"\"\",1,gildong@example.kr,2026-11-20 14:03:00,3,0,0000-00-00 00:00:00,'+82 10,도매,=7\n",
        "_line,_column,_reason,email,_website,firstname,lastname,=odd\n2,email,why,a@b.co,base,\"two\nlines\",' =x,@y\n",
        "email,_website,firstname,lastname,confirmation,_address_telephone_\n+a@b.co,b2b,,,pending,010-1\nc@d.de,b2b,a,b,,\n",
    ];
    let words = [
        "\n",
        "\r\n",
        ",",
        "\"",
        "\"\"",
        "'",
        "'=",
        "=",
        "＝",
        "\t",
        ",,",
        "a@b.co",
        "base",
        "2015-10-30 12:49:47",
        "0000-01-01 00:00:00",
        "9999-12-31 23:59:59",
        "pending",
        "group_id",
        "password",
        "gender",
        "Group 7",
        "telephone",
    ];
    Target { name: "customer file", seeds: &seeds, words: &words, cost: 1 }.run(|input| {
        let records = records(input);
        let Some((names, lines)) = records.split_first() else { return false };
        let Ok(header) = Header::read(names.iter()) else { return false };
        let mut good = false;
        for read in lines.iter().filter_map(|line| row(&header, line)) {
            let is_plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_-".contains(&b);
            assert!((1..=32).contains(&read.website.len()) && read.website.bytes().all(is_plain), "{}", read.website);
            let group = read.group.clone().unwrap_or_default();
            assert!(!group.as_str().contains(tty::is_forbidden), "{group:?}");
            let customer = read.new_customer(WEBSITE, GROUP, Timestamp::UNIX_EPOCH);
            assert!(read.change(&customer, Some(GROUP)).is_none(), "the same row again says nothing new: {customer:?}");

            let again = exported(&customer, &read.website, &group);
            assert!((&again.email, &again.website, again.group.as_ref()) == (&read.email, &read.website, Some(&group)));
            let open = NewCustomer { password_hash: None, ..customer.clone() };
            assert_eq!(again.new_customer(WEBSITE, GROUP, Timestamp::MAX), open, "written and read");
            assert!(again.change(&customer, Some(GROUP)).is_none(), "an export says nothing new: {customer:?}");
            good = true;
        }
        good
    });
}
