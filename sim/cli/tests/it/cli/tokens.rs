//! Tokens that cannot be played: which it is, and what to do instead.

use holdline_sim::plan::Plan;
use holdline_sim::replay::token::LONGEST;
use holdline_sim::replay::{Source, Token};
use holdline_sim::subjects::UnderTest;

use super::harness::{Done, PLAIN, done, holdline, long_plan};

const HOLDLINE: UnderTest = UnderTest::Holdline;

fn replay(token: &str) -> Done {
    done(&mut holdline(&["replay", token]))
}

#[track_caller]
fn assert_refused(token: &str, says: &[&str]) {
    let told = replay(token);
    told.assert_code(2);
    told.assert_says(says);
    assert_eq!(told.out, "");
}

fn of(source: Source) -> Token {
    Token::of(source, &HOLDLINE, None).expect("it is short")
}

fn tabs(seed: u64) -> Source {
    Source::explored(seed, &"tabs=1..16".parse().unwrap())
}

fn life(seed: u64) -> Token {
    of(tabs(seed))
}

#[test]
fn every_source_is_played_again() {
    replay(&of(Source::scenario("calm").unwrap()).to_string()).assert_code(0);
    let told = replay(&life(3).to_string());
    told.assert_code(0);
    assert!(told.out.starts_with("explore 3 (tabs=1..16): Tab life 3\n"), "{}", told.out);
    let plan = Plan::parse("plain", PLAIN).unwrap();
    let told = replay(&Token::packed(&plan, &HOLDLINE, None).unwrap().to_string());
    told.assert_code(0);
    assert!(told.out.starts_with("Plain: Plain\nOne message.\n"), "{}", told.out);
}

#[test]
fn a_token_says_who_was_under_test() {
    for word in
        ["published", "published+A14", "published+A14+B3", "published-A14", "published+none"]
    {
        let subject = UnderTest::from_id(word).unwrap();
        assert_eq!(subject.id(), word);
        let token = Token::of(tabs(1), &subject, None).unwrap();
        assert!(token.to_string().contains(&format!(":{word}:")), "{token}");
    }
    let nobody = Token { subject: "nobody".into(), ..life(1) };
    assert_refused(&nobody.to_string(), &["who was under test", "`nobody`", "`holdline`"]);
    let defect = Token { subject: "published+Z9".into(), ..life(1) };
    assert_refused(&defect.to_string(), &["`Z9` is no defect"]);
}

#[test]
fn a_token_that_lost_or_changed_a_character_is_damaged() {
    let token = life(3).to_string();
    for cut in 4..token.len() {
        assert!(token[..cut].parse::<Token>().is_err(), "{}", &token[..cut]);
    }
    for at in 4..token.len() {
        let mut other = token.clone().into_bytes();
        other[at] = if other[at] == b'0' { b'1' } else { b'0' };
        let other = String::from_utf8(other).unwrap();
        assert!(other.parse::<Token>().is_err(), "{other}");
    }
    assert_refused(&token[..token.len() - 3], &["damaged: its end is missing", "copy it again"]);
    assert_refused(&token.replace(":3:", ":4:"), &["damaged: its checksum"]);
    assert_refused(&token.replace("hl1:", "hl2:"), &["of format 2", "reads format 1"]);
}

#[test]
fn a_plan_that_would_be_another_one_is_refused() {
    let Source::Generated { generator, version, seed, options } = tabs(7) else {
        panic!("a life is generated")
    };
    let newer = Source::Generated { generator, version: version + 1, seed, options };
    let says =
        ["version 2 of the generator `explore`", "this is version 1", "another plan of seed 7"];
    assert_refused(&of(newer.clone()).to_string(), &says);
    let Source::Generated { version, seed, options, .. } = newer else { unreachable!() };
    let unknown = Source::Generated { generator: "dreams".into(), version, seed, options };
    assert_refused(
        &of(unknown).to_string(),
        &["the generator `dreams`, which this holdline has not"],
    );

    let changed = Source::Scenario { name: "calm".into(), fingerprint: 1 };
    let says = ["the scenario `calm` has changed", "holdline replay calm"];
    assert_refused(&of(changed).to_string(), &says);
    let gone = Source::Scenario { name: "storm".into(), fingerprint: 1 };
    assert_refused(&of(gone).to_string(), &["the scenario `storm`", "none of that name", "calm, "]);
}

#[test]
fn another_run_than_the_token_expects_is_told_after_it() {
    let hash = "0123456789abcdef".parse().unwrap();
    let token = Token { hash: Some(hash), ..of(Source::scenario("calm").unwrap()) };
    let told = replay(&token.to_string());
    told.assert_code(7);
    assert!(told.out.contains("types m1"), "{}", told.out);
    told.assert_says(&[
        "not the run that the token was made of",
        "0123456789abcdef",
        "holdline replay hl1:",
    ]);
}

#[test]
fn what_does_not_fit_has_no_token() {
    let plan = Plan::parse("long", &long_plan()).unwrap();
    assert_eq!(Token::packed(&plan, &HOLDLINE, None), None);
    let odd =
        Source::Generated { generator: "g".into(), version: 1, seed: 1, options: "a:b".into() };
    assert_eq!(Token::of(odd, &HOLDLINE, None), None);
    assert!(life(u64::MAX).to_string().len() <= LONGEST);
}
