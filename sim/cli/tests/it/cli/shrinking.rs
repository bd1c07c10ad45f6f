//! `holdline shrink`: the smallest plan that fails alike, as a file that explains itself.

use std::fs;

use holdline_sim::plan::Plan;

use super::harness::{Done, PlanFile, done, holdline};

/// Of all this, only the dropped connection matters.
const DROPPED: &str = "\
title = \"Dropped\"
story = \"A connection is dropped, and none may be.\"
seed = 7

[settings]
jitter = \"3ms\"
lasts = \"60s\"

[[step]]
at = \"2345ms\"
do = \"send\"
count = 4
every = \"700ms\"

[[step]]
at = \"9s\"
do = \"agent\"
bytes = 4000

[[fault]]
kind = \"ack-doubled\"
at = \"1s\"

[[fault]]
kind = \"close\"
at = \"3217ms\"
code = 1006

[[fault]]
kind = \"latency\"
at = \"20s\"
for = \"5s\"
latency = \"200ms\"

[expect]
refused = 0
sockets = 1
";

fn shrink(plan: &PlanFile, args: &[&str]) -> Done {
    done(holdline(&["shrink"]).arg("plan.toml").args(args).current_dir(plan.folder.path()))
}

#[test]
fn what_does_not_matter_goes_and_what_is_left_explains_itself() {
    let plan = PlanFile::new(DROPPED);
    let told = shrink(&plan, &["--for", "60s", "--out", "small.toml"]);
    told.assert_code(0);
    told.assert_says(&[
        "expect/plan/sockets: ",
        "from 2 steps and 3 faults to 0 steps and 1 fault",
    ]);
    told.assert_says(&["nothing more can be dropped", "see it: holdline replay hl1:p:"]);
    assert_eq!(told.out, "");

    let text = fs::read_to_string(plan.folder.path().join("small.toml")).unwrap();
    assert!(text.starts_with("# Fails with expect/plan/sockets "), "{text}");
    assert!(text.contains("# No step, no fault and no tab of it can be dropped.\n"), "{text}");
    assert!(text.contains("\n# Without it, "), "{text}");
    let small = Plan::parse("small.toml", &text).unwrap();
    assert!(small.story.starts_with("At "), "{text}");
    assert_eq!(small.seed, 1);

    let again = done(holdline(&["run", "small.toml"]).current_dir(plan.folder.path()));
    again.assert_code(1);
    let twice = done(holdline(&["shrink", "small.toml"]).current_dir(plan.folder.path()));
    twice.assert_code(0);
    assert_eq!(Plan::parse("twice", &twice.out).unwrap(), small, "it was as small as it gets");
}

#[test]
fn it_stays_on_the_tier_that_is_asked_for() {
    let told = shrink(&PlanFile::new(DROPPED), &["--pure", "--for", "60s"]);
    told.assert_code(0);
    told.assert_says(&["to 0 steps and 1 fault"]);
    let (_, token) = told.err.split_once("see it: holdline replay ").unwrap();
    let again = done(&mut holdline(&["replay", token.trim()]));
    again.assert_code(1);
    let refused = shrink(&PlanFile::new(DROPPED), &["--pure", "--subject", "published"]);
    refused.assert_code(2);
    refused.assert_says(&["the pure backend cannot carry `published`"]);
}

#[test]
fn tabs_go_too() {
    let plan = PlanFile::new(
        "title = \"Tabs\"\nstory = \"Too many guests are expected.\"\n\
         [browser]\ntabs = 4\nfreeze-event = false\n\
         [[step]]\nat = \"2s\"\ndo = \"send\"\ntab = \"D\"\n\
         [[step]]\nat = \"3s\"\ndo = \"freeze\"\ntab = \"B\"\n\
         [[step]]\nat = \"4s\"\ndo = \"resume\"\ntab = \"B\"\n\
         [expect]\nguests = 5\nleaders = 1\n",
    );
    let told = shrink(&plan, &["--for", "60s"]);
    told.assert_code(0);
    told.assert_says(&["expect/plan/guests"]);
    let small = Plan::parse("small", &told.out).unwrap();
    assert_eq!((small.browser, small.steps, small.expect.guests), (None, Vec::new(), Some(5)));
    assert_eq!(small.expect.leaders, None);
}

#[test]
fn a_plan_that_passes_is_no_failure_to_shrink() {
    let told = done(&mut holdline(&["shrink", "calm"]));
    told.assert_code(2);
    told.assert_says(&["calm: the plan passes", "give one that fails"]);
    assert_eq!(told.out, "");
}

#[test]
fn no_time_at_all_gives_the_plan_itself_and_says_so() {
    let told = shrink(&PlanFile::new(DROPPED), &["--for", "0s"]);
    told.assert_code(0);
    told.assert_says(&["not tried to the end"]);
    let small = Plan::parse("small", &told.out).unwrap();
    assert_eq!((small.steps.len(), small.faults.len()), (2, 3));
}

#[test]
fn a_folder_that_cannot_be_written_is_told() {
    let told = shrink(&PlanFile::new(DROPPED), &["--for", "0s", "--out", "no/such/small.toml"]);
    told.assert_code(5);
    told.assert_says(&["cannot write `no/such/small.toml`", "make its folder first"]);
}
