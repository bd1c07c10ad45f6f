//! Plans that no run can play: every error names file, line, the offending value and what is
//! allowed.

use super::harness::{PLAIN, PlanFile};

/// A text, the line of its error, and what the error says. [`PLAIN`] has six lines.
type Case = (&'static str, usize, &'static [&'static str]);

fn assert_refused(head: &str, (text, line, says): Case) {
    let done = PlanFile::new(format!("{head}{text}")).run(&[]);
    done.assert_code(2);
    assert_eq!(done.out, "");
    let place = format!("error: plan.toml:{line}: ");
    assert!(done.err.starts_with(&place), "not at line {line}: {text}\n{}", done.err);
    done.assert_says(says);
    done.assert_says(&[&format!("\n{line} | "), "^"]);
}

/// The same for a fault: its table begins on line 7, and this text of it on line 9.
fn assert_fault_refused(text: &str, line: usize, says: &'static [&'static str]) {
    let plan = format!("{PLAIN}[[fault]]\nat = \"1s\"\n{text}\n");
    let done = PlanFile::new(plan).run(&[]);
    done.assert_code(2);
    let place = format!("error: plan.toml:{line}: ");
    assert!(done.err.starts_with(&place), "not at line {line}: {text}\n{}", done.err);
    done.assert_says(says);
}

#[test]
fn what_is_no_toml_and_what_is_no_plan() {
    for case in [
        ("", 1, &["missing field `title`"][..]),
        ("title = \n", 1, &["string values must be quoted"]),
        ("title = \"A\"\n", 1, &["missing field `story`"]),
        ("title = \" \"\nstory = \"B\"\n", 1, &["title is empty"]),
        ("title = \"A\"\nstory = \"\"\n", 2, &["story is empty"]),
        ("title = \"\"\"A\nB\"\"\"\nstory = \"C\"\n", 1, &["title is one line"]),
        ("title = \"A\"\r\nstory = \"B\"\r\ncast = 3\r\n", 3, &["unknown field `cast`", "`seed`"]),
        ("title = \"A\"\nstory = \"B\"\nseed = -1\n", 3, &["`-1`", "not negative"]),
    ] {
        assert_refused("", case);
    }
}

#[test]
fn unknown_keys_and_values_of_every_table() {
    for case in [
        ("[settings]\nlatensy = \"1s\"\n", 8, &["`latensy`", "`latency`, `jitter`"][..]),
        ("[settings]\nlatency = 5\n", 8, &["integer `5`", "a duration in quotes"]),
        ("[settings]\nlatency = \"2s\"\n", 8, &["latency is 2s", "at most 1s"]),
        ("[settings]\njitter = \"5s\"\n", 8, &["latency and jitter together", "at most 1s"]),
        ("[settings]\nquiet-within = \"0s\"\n", 8, &["quiet-within = \"0s\""]),
        ("[settings]\nlasts = \"31d\"\n", 8, &["31d", "at most 30d"]),
        ("[cloud]\nstrickt = true\n", 8, &["`strickt`", "`strict`"]),
        ("[cloud]\nmessages-per-second = 0\n", 8, &["at least 1"]),
        ("[cloud]\ntoken-ttl = \"0s\"\n", 8, &["token-ttl = 0 seconds"]),
        ("[client]\nbuffer = 3\n", 8, &["`buffer`", "`buffer-messages`"]),
        ("[client]\nbuffer-messages = 0\n", 8, &["buffer-messages = 0"]),
        ("[client]\nttl = \"18446744073709551615s\"\n", 8, &["at most 30d"]),
        ("[expect]\ndelivred = 1\n", 8, &["`delivred`", "`delivered`"]),
        ("[expect]\ndelivered = 2\n", 8, &["delivered = 2", "the steps send only 1"]),
        ("[expect]\nstate = \"\"\n", 8, &["state is empty"]),
        ("[fault]\nkind = \"rst\"\n", 7, &["[[fault]], in double brackets"]),
    ] {
        assert_refused(PLAIN, case);
    }
}

#[test]
fn steps_that_nobody_can_take() {
    for case in [
        ("[[step]]\nat = \"1s\"\n", 7, &["missing field `do`"][..]),
        (
            "[[step]]\nat = \"1s\"\ndo = \"dance\"\n",
            9,
            &["`dance`", "`send`, `agent`, `reconnect`"],
        ),
        ("[[step]]\ndo = \"send\"\nat = \"-1s\"\n", 9, &["`-1s` is not a duration", "250ms, 5s"]),
        ("[[step]]\ndo = \"send\"\nat = \"1500us\"\n", 9, &["`1500us`", "1ms is the least"]),
        ("[[step]]\ndo = \"send\"\nat = \"1s\"\ncount = 0\n", 10, &["count = 0", "1 to 100000"]),
        (
            "[[step]]\ndo = \"send\"\nat = \"1s\"\ncount = 9000\nevery = \"25d\"\n",
            11,
            &["every: ", "at most 30d"],
        ),
        ("[[step]]\ndo = \"send\"\nat = \"1s\"\nbytes = 4\n", 10, &["bytes = 4", "16 to 1048576"]),
        ("[[step]]\ndo = \"reconnect\"\nat = \"1s\"\nbytes = 40\n", 10, &["bytes means nothing"]),
        ("[[step]]\ndo = \"send\"\nat = \"1s\"\nbutton = true\n", 10, &["button means nothing"]),
    ] {
        assert_refused(PLAIN, case);
    }
}

#[test]
fn faults_with_unknown_names_name_the_allowed_ones() {
    let kinds = &["unknown value `los`", "`partition`, `hold`, `latency`, `loss`"];
    assert_fault_refused("kind = \"los\"", 9, kinds);
    assert_fault_refused("", 7, &["missing field `kind`", "`partition`"]);
    assert_fault_refused("kind = 3", 9, &["kind = \"partition\""]);
    assert_fault_refused("kind = \"loss\"\npercnt = 5", 10, &["`percnt`", "`at`, `for`, `link`"]);
    assert_fault_refused("kind = \"loss\"", 7, &["missing field `percent`"]);
    let link = "kind = \"partition\"\nlink = \"client-cloud\"";
    assert_fault_refused(link, 10, &["`client-cloud`", "`client-proxy` or `proxy-cloud`"]);
    let way = "kind = \"partition\"\nway = \"left\"";
    assert_fault_refused(way, 10, &["`left`", "`both`, `up`, `down`"]);
    assert_fault_refused("kind = \"hold\"\nway = \"up\"", 10, &["unknown field `way`"]);
    let host = "kind = \"crash\"\nhost = \"server\"";
    assert_fault_refused(host, 10, &["`server`", "`client`, `proxy`, `cloud`"]);
    assert_fault_refused("kind = \"refuse\"\nhost = \"client\"", 10, &["nobody connects"]);
    let door = "kind = \"answer\"\nstatus = 500\non = \"door\"";
    assert_fault_refused(door, 11, &["`door`", "`guests`, `refresh`, `socket`"]);
    let how = "kind = \"idle-cut\"\nafter = \"60s\"\nhow = \"scissors\"";
    assert_fault_refused(how, 11, &["`scissors`", "`fin`, `rst`, `silence`"]);
}

#[test]
fn faults_with_impossible_numbers_and_times() {
    assert_fault_refused("kind = \"loss\"\npercent = 500", 10, &["percent = 500", "1 to 90"]);
    assert_fault_refused("kind = \"rst\"\nfor = \"1s\"", 10, &["unknown field `for`"]);
    assert_fault_refused("kind = \"hold\"\nfor = \"0s\"", 10, &["no time at all", "heal phase"]);
    let ages = "kind = \"hold\"\nfor = \"18446744073709551615s\"";
    assert_fault_refused(ages, 10, &["at most 30d"]);
    let slow = "kind = \"latency\"\nlatency = \"6s\"";
    assert_fault_refused(slow, 10, &["latency is 6s", "at most 5s", "deadline"]);
    let jittery = "kind = \"latency\"\nlatency = \"4s\"\njitter = \"2s\"";
    assert_fault_refused(jittery, 11, &["together are 6s"]);
    assert_fault_refused("kind = \"slice\"\nbytes = 0", 10, &["at least 1"]);
    assert_fault_refused("kind = \"coalesce\"\nwait = \"0s\"", 10, &["wait = \"0s\""]);
    let hasty = "kind = \"idle-cut\"\nhow = \"fin\"\nafter = \"0s\"";
    assert_fault_refused(hasty, 11, &["after = \"0s\""]);
    assert_fault_refused("kind = \"ack-doubled\"\nnth = 0", 10, &["the first is 1"]);
    assert_fault_refused("kind = \"ack-doubled\"\ncount = 0", 10, &["no fault at all"]);
    assert_fault_refused("kind = \"close\"\ncode = 1005", 10, &["never sent", "1006 drops"]);
    assert_fault_refused("kind = \"close\"\ncode = 200", 10, &["1000 to 1014 or 3000 to 4999"]);
    assert_fault_refused("kind = \"close\"\ncode = 70000", 10, &["`70000`"]);
    let restart = "kind = \"restart\"\nfor = \"5s\"\ncode = 2000";
    assert_fault_refused(restart, 11, &["code = 2000"]);
    let status = "kind = \"answer\"\non = \"any\"\nstatus = 200";
    assert_fault_refused(status, 11, &["status = 200", "400 to 599"]);
}

#[test]
fn a_retry_after_that_no_header_can_carry() {
    for (text, says) in [
        ("date x", "\"date 30s\""),
        ("date", "\"date 30s\""),
        ("date 1500ms", "whole seconds"),
        ("date 200y", "100 years"),
        ("7\\r\\nX: y", "visible ASCII"),
        ("später", "visible ASCII"),
    ] {
        let plan = format!(
            "{PLAIN}[[fault]]\nkind = \"answer\"\nat = \"1s\"\non = \"any\"\nstatus = 429\n\
             retry-after = \"{text}\"\n"
        );
        let done = PlanFile::new(plan).run(&[]);
        done.assert_code(2);
        done.assert_says(&["plan.toml:12: retry-after = ", says]);
    }
    let odd = "kind = \"answer\"\non = \"any\"\nstatus = 429\ncount = 1\nretry-after = \"soon\"";
    let plan = format!("{PLAIN}[[fault]]\nat = \"1s\"\n{odd}\n");
    PlanFile::new(plan).run(&[]).assert_code(0);
}

#[test]
fn two_faults_cannot_hold_the_same_thing_at_once() {
    let two = |one: &str, other: &str| format!("{PLAIN}[[fault]]\n{one}\n[[fault]]\n{other}\n");
    let both = "at = \"1s\"\nfor = \"5s\"\nkind = \"partition\"";
    let up = "at = \"5s\"\nfor = \"2s\"\nway = \"up\"\nkind = \"partition\"";
    let slow = "at = \"1s\"\nlatency = \"50ms\"\nkind = \"latency\"";
    let lossy = "at = \"9s\"\nfor = \"1s\"\npercent = 5\nkind = \"loss\"";
    let crash = "at = \"2s\"\nfor = \"2s\"\nhost = \"cloud\"\nkind = \"crash\"";
    let restart = "at = \"3s\"\nfor = \"2s\"\ncode = 1001\nkind = \"restart\"";
    for (one, other, line, says) in [
        (both, up, 15, "`partition client-proxy` from 1s until 6s"),
        (slow, lossy, 15, "from 1s until the heal phase (latency, jitter and loss"),
        (crash, restart, 16, "`crash of cloud` from 2s until 4s"),
    ] {
        let done = PlanFile::new(two(one, other)).run(&[]);
        done.assert_code(2);
        done.assert_says(&[&format!("plan.toml:{line}: overlaps"), says, "let one end before"]);
    }
    let after = "at = \"6s\"\nfor = \"2s\"\nway = \"up\"\nkind = \"partition\"";
    PlanFile::new(two(both, after)).run(&[]).assert_code(0);
    let elsewhere = "at = \"5s\"\nfor = \"2s\"\nlink = \"proxy-cloud\"\nkind = \"partition\"";
    PlanFile::new(two(both, elsewhere)).run(&[]).assert_code(0);
}
