//! What a run prints: the table, the list, the story of a violation, JSON.

use super::harness::{PLAIN, PlanFile, run};

#[test]
fn a_pass_is_one_row_of_a_table_and_exit_code_0() {
    let done = run(&["calm", "429-flush-seconds"]);
    done.assert_code(0);
    for head in ["scenario", "verdict", "messages", "virtual", "wall", "audit hash"] {
        assert!(done.out.contains(head), "{}", done.out);
    }
    let calm = done.out.lines().find(|line| line.contains("│ calm")).unwrap();
    assert!(calm.contains("pass") && calm.contains("5/5") && calm.contains("21.0 s"), "{calm}");
    assert!(done.out.contains("2 passed, 0 failed in "), "{}", done.out);
    assert!(done.out.ends_with("on the event backend\n"), "{}", done.out);
    assert_eq!(done.err, "", "a run that passes has nothing to complain about");
}

#[test]
fn the_list_names_every_scenario_with_its_story() {
    let done = run(&["--list"]);
    done.assert_code(0);
    assert!(done.out.starts_with("calm\n    Calm\n    Nothing goes wrong."), "{}", done.out);
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/scenarios");
    for file in std::fs::read_dir(folder).unwrap() {
        let file = file.unwrap().file_name().into_string().unwrap();
        let name = file.strip_suffix(".toml").unwrap();
        assert!(done.out.lines().any(|line| line == name), "{name} is not in:\n{}", done.out);
    }
}

#[test]
fn a_violation_shows_oracle_moment_diagram_and_the_command_that_shows_it_again() {
    let plan = PlanFile::named("two words.toml", format!("{PLAIN}[expect]\ndelivered = 0\n"));
    let done = plan.run(&[]);
    done.assert_code(1);
    for part in [
        "FAIL",
        "0 passed, 1 failed",
        "two words.toml: expect at ",
        "the plan expects delivered = 0, and it was 1",
        "client           proxy           cloud",
        "see it again: holdline replay hl1:p:",
    ] {
        assert!(done.out.contains(part), "`{part}` is not in:\n{}", done.out);
    }
    let again = plan.run(&["--diagram", "--backend", "event"]);
    again.assert_code(1);
    assert!(again.out.starts_with("two words.toml: Plain\nOne message.\n"), "{}", again.out);
    assert!(again.out.contains("types m1"), "{}", again.out);
}

#[test]
fn json_is_one_object_per_run_and_says_the_same() {
    let plan = PlanFile::new(format!("{PLAIN}[expect]\ndelivered = 0\n"));
    let path = plan.path();
    let path = path.to_str().unwrap();
    let done = run(&["--json", "calm", path]);
    done.assert_code(1);
    let [calm, failed] = &done.json()[..] else { panic!("{}", done.out) };
    assert_eq!((&calm["scenario"], &calm["verdict"]), (&"calm".into(), &"pass".into()));
    assert_eq!((&calm["delivered"], &calm["typed"]), (&5.into(), &5.into()));
    assert_eq!(calm["virtual_ms"], 21_040);
    assert_eq!(calm["audit_hash"].as_str().map(str::len), Some(16));
    assert_eq!(calm["violations"], serde_json::json!([]));
    assert!(calm.get("again").is_none());

    assert_eq!(failed["verdict"], "FAIL");
    let violation = &failed["violations"][0];
    assert_eq!(violation["oracle"], "expect");
    assert!(violation["at_ms"].as_u64() > Some(2_000), "{violation}");
    assert!(violation["diagram"].as_str().unwrap().contains("| "), "{violation}");
    let again = failed["again"].as_str().unwrap();
    assert!(again.starts_with("holdline replay hl1:p:"), "{again}");
}

#[test]
fn the_tick_backend_cross_checks_and_skips_what_it_cannot_carry() {
    let done =
        run(&["--json", "--backend", "tick", "calm", "ack-lost-after-accept", "loss-5-percent"]);
    done.assert_code(0);
    let [calm, ack, loss] = &done.json()[..] else { panic!("{}", done.out) };
    for (run, typed) in [(calm, 5), (ack, 4)] {
        assert_eq!((&run["backend"], &run["verdict"]), (&"tick".into(), &"pass".into()));
        assert_eq!((&run["delivered"], &run["typed"]), (&typed.into(), &typed.into()));
    }
    assert_eq!((&loss["verdict"], &loss["audit_hash"]), (&"skipped".into(), &().into()));
    let why = loss["why"].as_str().unwrap();
    assert!(why.contains("`loss`") && why.contains("event backend"), "{why}");
}

#[test]
fn a_file_wins_over_the_bundled_scenario_of_its_name() {
    let plan = PlanFile::named("calm", PLAIN);
    let [run] = &plan.run(&["--json"]).json()[..] else { panic!("one run") };
    assert_eq!(run["title"], "Plain");
}

#[test]
fn a_client_that_does_not_come_back_has_an_exit_code_of_its_own() {
    let plan = "title = \"Late\"\nstory = \"No time to come back.\"\n\
                [settings]\nlasts = \"60s\"\nquiet-within = \"50ms\"\n\
                [[fault]]\nat = \"3s\"\nkind = \"partition\"\n";
    let done = PlanFile::new(plan).run(&[]);
    done.assert_code(3);
    assert!(done.out.contains("plan.toml: comes-back at 60.050 s: "), "{}", done.out);
}
