//! Where a setting comes from, and what a `.env` and a policy file may say.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    time::Duration,
};

use clap::Parser;
use mcm::cli::{
    args::{Cli, Command},
    failure::{Exit, Failure},
    settings::{DotEnvText, Error, Origin, Place, PolicyText, Settings, Sources, resolve},
};

/// One situation: what was typed, and what lies around.
#[derive(Default)]
struct Case {
    typed: Vec<&'static str>,
    sources: Sources,
}

impl Case {
    fn typed(line: &'static str) -> Self {
        Self {
            typed: line.split_whitespace().collect(),
            ..Self::default()
        }
    }

    fn environment(mut self, name: &str, value: &str) -> Self {
        self.sources.environment.insert(name.into(), value.into());
        self
    }

    fn dotenv(mut self, text: &str) -> Self {
        self.sources.dotenv = Some(DotEnvText {
            path: ".env".into(),
            text: text.into(),
        });
        self
    }

    fn policy(mut self, text: &str) -> Self {
        self.sources.policy = Some(PolicyText {
            path: "policy.json".into(),
            text: text.into(),
        });
        self
    }

    fn resolve(self) -> Result<Settings, Error> {
        let cli =
            Cli::try_parse_from(["mcm", "ask", "task"].into_iter().chain(self.typed)).expect("the flags are right");
        let Command::Ask(ask) = cli.command else {
            panic!("`ask` was typed")
        };
        resolve(&ask.flags(), self.sources)
    }

    fn settings(self) -> Settings {
        self.resolve().expect("the settings are right")
    }

    fn failure(self) -> String {
        Failure::from(self.resolve().expect_err("the settings are wrong")).to_string()
    }
}

fn of_dotenv(name: &str, line: usize) -> Origin {
    Origin::DotEnv {
        name: name.into(),
        path: ".env".into(),
        line,
    }
}

#[test]
fn a_flag_wins_over_the_environment_over_dotenv_over_the_default() {
    let dotenv = "# limits\nMCM_MAX_STEPS=5\n";
    let steps = |case: Case| {
        let setting = case.settings().max_steps;
        (setting.value, setting.origin)
    };
    assert_eq!(steps(Case::default()), (8, Origin::Default));
    assert_eq!(
        steps(Case::default().dotenv(dotenv)),
        (5, of_dotenv("MCM_MAX_STEPS", 2))
    );
    let environment = || Case::default().dotenv(dotenv).environment("MCM_MAX_STEPS", "6");
    assert_eq!(steps(environment()), (6, Origin::Environment("MCM_MAX_STEPS".into())));
    let all = Case {
        typed: vec!["--max-steps", "7"],
        ..environment()
    };
    assert_eq!(steps(all), (7, Origin::Flag("--max-steps")));
}

#[test]
fn an_empty_variable_counts_as_not_set() {
    let settings = Case::default()
        .environment("MCM_MODEL", "")
        .environment("OPENAI_API_KEY", " ")
        .dotenv("MCM_MODEL=b")
        .settings();
    assert_eq!(settings.model.expect("a model").value, "b");
    assert_eq!(settings.api_key, None);
}

#[test]
fn dotenv_gives_every_limit_and_a_model() {
    let text = "MCM_MODEL=m\nMCM_MAX_STEPS=1\nMCM_MAX_RETRIES=2\nMCM_TIMEOUT=0.5\nMCM_CALL_TIMEOUT=4\nMCM_MAX_TIME=5\n\
                MCM_MEMORY=6\nMCM_MAX_CALLS=7\nMCM_MAX_OUTPUT=8\nMCM_MAX_RESULT=9\n";
    let s = Case::default().dotenv(text).settings();
    assert_eq!(s.model.expect("a model").value, "m");
    let counts = [
        s.max_steps,
        s.max_retries,
        s.memory,
        s.max_calls,
        s.max_output,
        s.max_result,
    ];
    assert_eq!(counts.map(|setting| setting.value), [1, 2, 6, 7, 8, 9]);
    let times = [s.timeout, s.call_timeout, s.max_time].map(|setting| setting.value);
    assert_eq!(
        times,
        [
            Duration::from_millis(500),
            Duration::from_secs(4),
            Duration::from_secs(5)
        ]
    );
}

#[test]
fn dotenv_cannot_grant_anything() {
    let text = "MCM_YES=1\nMCM_TRUST=1\nMCM_CONFIG=evil.json\nMCM_PROMPTS=evil\nMCM_ALLOW=*\nTOKEN=t\nOTHER=o\n";
    let s = Case::default().dotenv(text).settings();
    assert!(!s.yes.value && !s.trust.value);
    assert_eq!((s.configurations.clone(), s.prompts.clone()), (vec![], None));
    assert_eq!(s.rules.allow, []);
    assert_eq!(s.variable("TOKEN"), Some("t"));
    insta::assert_snapshot!(s.unused_variables(&BTreeSet::from(["TOKEN".into()])).join("\n"), @r"
    `MCM_ALLOW` in `.env` line 5 is ignored: it counts on the command line and in the real environment only
    `MCM_CONFIG` in `.env` line 3 is ignored: it counts on the command line and in the real environment only
    `MCM_PROMPTS` in `.env` line 4 is ignored: it counts on the command line and in the real environment only
    `MCM_TRUST` in `.env` line 2 is ignored: it counts on the command line and in the real environment only
    `MCM_YES` in `.env` line 1 is ignored: it counts on the command line and in the real environment only
    `OTHER` in `.env` line 7 is ignored: it is no setting, and the configuration does not name it
    ");
}

#[test]
fn the_real_environment_grants_what_flags_grant() {
    let case = Case::default()
        .environment("MCM_YES", "1")
        .environment("MCM_TRUST", "true")
        .environment("MCM_QUIET", "off");
    let s = case.environment("MCM_ALLOW", "a.* b.*").settings();
    assert!(s.yes.value && s.trust.value && !s.quiet.value);
    assert_eq!(
        s.rules.allow.iter().map(|rule| rule.glob.as_str()).collect::<Vec<_>>(),
        ["a.*", "b.*"]
    );
}

#[test]
fn an_endpoint_in_dotenv_never_gets_a_key_of_the_real_environment() {
    let evil = "OPENAI_BASE_URL=https://evil.example/v1\n";
    let own = "OPENAI_BASE_URL=https://own.example/v1\nOPENAI_API_KEY=own\n";
    let endpoint = |case: Case| {
        let s = case.settings();
        (
            s.base_url.value,
            s.api_key.map(|key| key.value.expose().to_owned()),
            s.warnings.len(),
        )
    };
    let official = || "https://api.openai.com/v1".to_owned();
    let with_key = || Case::default().environment("OPENAI_API_KEY", "real");
    assert_eq!(endpoint(Case::default().dotenv(evil)), (official(), None, 1));
    assert_eq!(endpoint(with_key().dotenv(evil)), (official(), Some("real".into()), 1));
    assert_eq!(endpoint(with_key().dotenv(own)), (official(), Some("real".into()), 1));
    assert_eq!(
        endpoint(Case::default().dotenv(own)),
        ("https://own.example/v1".into(), Some("own".into()), 0)
    );
}

#[test]
fn a_dollar_in_dotenv_does_not_read_the_environment() {
    let home = std::env::var("PATH").expect("tests have a PATH");
    let text = "A=$PATH\nB=\"${PATH}\"\nC=\\$PATH\nD='$PATH'\nE=\"x\\\\$PATH\"\n";
    let s = Case::default().dotenv(text).settings();
    let values = ["A", "B", "C", "D", "E"].map(|name| s.variable(name).expect("it is set").to_owned());
    assert_eq!(values, ["$PATH", "${PATH}", "$PATH", "$PATH", "x\\$PATH"]);
    assert!(values.iter().all(|value| !value.contains(&home)));
}

#[test]
fn lines_of_dotenv_are_counted_over_comments_and_quotes_of_many_lines() {
    let text = "\u{feff}# a\n\nexport A=\"1\n2\"\n# b\nMCM_MEMORY=x\n";
    insta::assert_snapshot!(Case::default().dotenv(text).failure(), @"mcm: `MCM_MEMORY` in `.env` line 6: must be a whole number from 1 to 65536");
    assert_eq!(Case::default().dotenv("A=1 ").settings().variable("A"), Some("1"));
}

#[test]
fn a_broken_dotenv_is_an_error_with_its_line_and_without_its_text() {
    for (text, line) in [
        ("A=1\nsecret value\n", 2),
        ("# x\n\nB='secret\nC=2\n", 3),
        ("A=1\nB=\"x\" secret\n", 2),
        ("A=1\n=secret", 2),
        ("A=1\nB=sec\0ret", 2),
    ] {
        let error = Case::default().dotenv(text).resolve().expect_err("it is broken");
        let Error::DotEnv { line: found, .. } = &error else {
            panic!("{error}")
        };
        assert_eq!(*found, line, "{text:?}: {error}");
        assert!(!format!("{error} {error:?}").contains("sec"), "{error}");
    }
}

#[test]
fn a_wrong_value_is_an_error_that_names_its_origin_and_not_the_value() {
    for (name, value) in [
        ("MCM_MAX_STEPS", "0"),
        ("MCM_MAX_STEPS", "-1"),
        ("MCM_TIMEOUT", "NaN"),
        ("MCM_TIMEOUT", "1e99"),
        ("MCM_YES", "maybe"),
        ("MCM_DENY", "a.{b"),
        ("OPENAI_API_KEY", "two words"),
        ("OPENAI_BASE_URL", "ftp://maybe"),
    ] {
        let failure = Failure::from(Case::default().environment(name, value).resolve().expect_err(name));
        assert_eq!(failure.exit, Exit::Usage);
        assert!(
            failure.message.starts_with(&format!("`{name}` in the environment: ")),
            "{failure}"
        );
        assert!(!failure.message.contains(value) || value.len() < 3, "{failure}");
    }
}

#[test]
fn rules_of_flags_environment_and_policy_file_come_together() {
    let case = Case::typed("--deny a.* --allow b.c").environment("MCM_ASK", "d.*");
    let rules = case.policy(r#"{"deny": ["e.*"]}"#).settings().rules;
    let globs = |rules: &[mcm::cli::settings::Rule]| rules.iter().map(|rule| rule.glob.clone()).collect::<Vec<_>>();
    assert_eq!(
        (globs(&rules.allow), globs(&rules.ask)),
        (vec!["b.c".into()], vec!["d.*".into()])
    );
    assert_eq!(globs(&rules.deny), ["a.*", "e.*"]);
    assert_eq!(rules.deny[1].origin, Origin::PolicyFile("policy.json".into()));
}

#[test]
fn a_broken_policy_file_is_an_error_with_line_and_column() {
    let failures = [
        "{\n  \"alow\": []\n}",
        "{\n  \"deny\": [\"a.{b\"]\n}",
        "{\n  \"deny\": [1]\n",
        "",
        "{\"ask\": \"a.*\"}",
    ]
    .map(|text| Case::default().policy(text).failure());
    insta::assert_snapshot!(failures.join("\n"));
}

#[test]
fn the_configuration_is_the_flags_the_environments_this_folders_or_the_users() {
    let found = |typed: &'static str, environment: &[&str], folder: bool| {
        let mut case = Case::typed(typed);
        case.sources.user_configuration = Some("user/mcp_servers.json".into());
        case.sources.folder_configuration = folder.then(|| PathBuf::from("mcp_servers.json"));
        let case = environment
            .iter()
            .fold(case, |case, value| case.environment("MCM_CONFIG", value));
        let configuration = case.settings().configurations.pop().expect("there is one");
        (configuration.place, configuration.needs_trust(Path::new("/here")))
    };
    assert_eq!(found("", &[], false), (Place::UserDirectory, false));
    assert_eq!(found("", &[], true), (Place::CurrentFolder, true));
    assert_eq!(found("", &["/home/me/servers.json"], true), (Place::Environment, false));
    assert_eq!(found("", &["servers.json"], true), (Place::Environment, true));
    assert_eq!(found("", &["/here/servers.json"], true), (Place::Environment, true));
    assert_eq!(
        found("--config mine.json", &["servers.json"], true),
        (Place::CommandLine, false)
    );
}

#[test]
fn several_configurations_are_those_of_one_place_in_order() {
    let paths = |case: Case| -> Vec<PathBuf> {
        let configurations = case.settings().configurations.into_iter();
        configurations.map(|configuration| configuration.path).collect()
    };
    let named = |typed| paths(Case::typed(typed).environment("MCM_CONFIG", "a.json:/b/c.toml:"));
    assert_eq!(named(""), [Path::new("a.json"), Path::new("/b/c.toml")]);
    assert_eq!(
        named("--config x.json --config y.toml"),
        [Path::new("x.json"), Path::new("y.toml")]
    );
}

#[test]
fn no_configuration_is_no_error_but_a_hint() {
    let mut case = Case::default();
    case.sources.user_directory = Some("/home/me/.config/mcm".into());
    let hint = case.settings().no_configuration_hint();
    insta::assert_snapshot!(hint.expect("a hint"), @"no `mcp_servers.json` here or in `/home/me/.config/mcm`: scripts have no servers; name a file with `--config`");
}

#[test]
fn a_key_is_never_shown() {
    let settings = Case::default()
        .environment("OPENAI_API_KEY", "sk-secret")
        .dotenv("GITHUB_TOKEN=gh-secret")
        .settings();
    let key = settings.api_key.clone().expect("a key").value;
    assert_eq!(format!("{key} {key:?}"), "******** ApiKey(********)");
    assert!(!format!("{settings:?}").contains("secret"));
}

#[test]
fn the_example_dotenv_is_right_and_names_every_limit() {
    let example = include_str!("../.env.example");
    let uncommented: String = example
        .lines()
        .map(|line| {
            line.strip_prefix('#')
                .filter(|l| !l.starts_with(' '))
                .unwrap_or(line)
                .to_owned()
                + "\n"
        })
        .collect();
    let settings = Case::default().dotenv(&uncommented.replace("sk-…", "sk-x")).settings();
    assert_eq!(settings.warnings, Vec::<String>::new());
    for limit in mcm::cli::settings::limits::ALL {
        // a limit that is none by default is shown with an example
        let line = match limit.default {
            0 => format!("{}=", limit.variable),
            default => format!("{}={default}\n", limit.variable),
        };
        assert!(uncommented.contains(&line), "{line}");
    }
}
