//! What facts change in a plan.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::{built, merged, plan, request, texts};
use crate::plan::{
    Account, ArgumentError, Arguments, Kind, MAX_ARGUMENTS, Namespace, Operation, Plan, Source, bubblewrap, questions,
};

fn binds(plan: &Plan) -> Vec<Source> {
    let binds = plan.steps.iter().filter_map(|step| match &step.operation {
        Operation::Bind { source, .. } => Some(source.clone()),
        _ => None,
    });
    binds.collect()
}

#[test]
fn nothing_is_shared_when_nobody_says_so() {
    let operations: Vec<_> = plan(&[""]).steps.into_iter().map(|step| step.operation).collect();
    use Namespace::{Cgroup, Ipc, Network, Pid, User};
    let unshared = [User, Cgroup, Network, Pid, Ipc].map(Operation::Unshare);
    assert_eq!(operations[..1], [Operation::ClearEnvironment]);
    assert_eq!(operations[1..], unshared);
}

#[test]
fn joined_namespaces_and_time_are_prepared() {
    let plan = plan(&["config: {share_all: Enabled, share_net: /run/net, share_time: Disabled, umask: 027}"]);
    assert_eq!(plan.preparation.join, [(Namespace::Network, PathBuf::from("/run/net"))]);
    assert!(plan.preparation.new_time_namespace);
    assert_eq!(plan.preparation.umask, Some(0o027));
    assert!(
        !plan
            .steps
            .iter()
            .any(|step| matches!(step.operation, Operation::Unshare(_) | Operation::ShareNetwork))
    );
    let errors = built(&["config: {share_time: Disabled}"], |facts, _| {
        facts.time_namespaces = false
    })
    .unwrap_err();
    assert!(
        texts(&errors)[0].contains("the kernel has no time namespaces"),
        "{errors:?}"
    );
}

#[test]
fn signals_stay_inside_where_the_leaf_alone_shares_processes() {
    let pid = "config: {share_pid: Enabled}";
    let all = "config: {share_all: Enabled}";
    for (configs, confined) in [
        (&["", pid][..], true),
        (&["", all], true),
        (&["", "config: {share_pid: /proc/1/ns/pid}"], true),
        (&[pid, pid], false),
        (&[all, pid], false),
        (&[pid, ""], false),
        (&["", ""], false),
        (&["", pid, ""], false),
        (&[pid], false),
    ] {
        assert_eq!(plan(configs).preparation.confine_signals, confined, "{configs:?}");
    }
}

#[test]
fn a_missing_directory_of_a_node_is_created() {
    for (mode, path, strict, expected) in [
        ("Public", "$NODE_PATH/data", false, Ok(true)),
        ("Restricted", "$NODE_PATH/data", false, Ok(true)),
        ("Public", "$NODE_PATH/data", true, Err(())),
        ("PublicFile", "$NODE_PATH/data", false, Ok(false)),
        ("Public", "/srv/data", false, Ok(false)),
        ("Public", "/srv/data", true, Err(())),
    ] {
        let config = format!("exports: [{{mode: {mode}, mount: /data, path: {path}}}]");
        let found = built(&[&config], |facts, request| {
            facts.sources.clear();
            request.strict = strict;
        });
        match (found, expected) {
            (Ok((plan, warnings)), Ok(true)) => assert!(binds(&plan)[0].create && warnings.is_empty(), "{config}"),
            (Ok((plan, warnings)), Ok(false)) => assert!(binds(&plan).is_empty() && warnings.len() == 1, "{config}"),
            (Err(errors), Err(())) => assert!(texts(&errors)[0].contains("does not exist"), "{config}"),
            (found, _) => panic!("{config}: {found:?}"),
        }
    }
}

#[test]
fn a_directory_where_the_mode_says_a_file_is_a_warning() {
    for (mode, kind, expected) in [
        ("RestrictedFile", Kind::Directory, 1),
        ("RestrictedFile", Kind::File, 0),
        ("Restricted", Kind::Directory, 0),
        ("Restricted", Kind::File, 0),
    ] {
        let config = format!("exports: [{{mode: {mode}, mount: /a, path: /b}}]");
        let (plan, warnings) = built(&[&config], |facts, _| {
            facts.sources.insert("/b".into(), kind);
        })
        .unwrap();
        assert_eq!((binds(&plan).len(), warnings.len()), (1, expected), "{config} {kind:?}");
    }
}

#[test]
fn sources_are_held_beneath_the_innermost_node_and_the_roots_of_all_ancestors() {
    let plan = plan(&[
        "config: {export_roots: [/usr, /srv]}\nexports: [{mode: Restricted, mount: /a, path: /etc}]",
        "config: {export_roots: [/usr/share]}\nexports: [{mode: Restricted, mount: /b, path: /srv/x}]",
        "exports: [{mode: Restricted, mount: /c, path: /usr/share/x}, {mode: Restricted, mount: /d, path: $NODE_PATH}, {mode: Restricted, mount: /e, path: /pool/n0/y}]",
    ]);
    let roots = |lists: &[&[&str]]| -> Vec<Vec<PathBuf>> {
        lists
            .iter()
            .map(|list| list.iter().map(PathBuf::from).collect())
            .collect()
    };
    let leaf = "/pool/n0/n1/n2";
    let found: Vec<_> = binds(&plan)
        .into_iter()
        .map(|source| (source.beneath, source.allowed_roots))
        .collect();
    let both = roots(&[&["/usr", "/srv", leaf], &["/usr/share", leaf]]);
    let expected = [
        (None, roots(&[])),
        (None, roots(&[&["/usr", "/srv", "/pool/n0/n1"]])),
        (None, both.clone()),
        (Some(PathBuf::from(leaf)), roots(&[])),
        (Some(PathBuf::from("/pool/n0")), both),
    ];
    assert_eq!(found, expected);
}

#[test]
fn a_mount_point_that_a_read_only_export_lacks_is_an_error() {
    let config = |mode: &str| {
        format!("exports: [{{mode: {mode}, mount: /usr}}, {{mode: Restricted, mount: /usr/share/x, path: /srv/x}}]")
    };
    let asked = questions(&merged(&[&config("Restricted")]), &request());
    assert!(asked.sources.contains(&PathBuf::from("/usr/share/x")));
    let without = |mode: &str| {
        built(&[&config(mode)], |facts, _| {
            facts.sources.insert("/usr/share/x".into(), Kind::Missing);
        })
    };
    let errors = texts(&without("Restricted").unwrap_err());
    let expected = "/pool/n0/redpack.yaml:2:44: /usr/share/x: the mount point does not exist in the read-only export of '/usr'; make '/usr/share/x' or mount elsewhere";
    assert_eq!(errors, [expected]);
    assert!(without("Public").is_ok());
    assert!(built(&[&config("Restricted")], |_, _| ()).is_ok());
}

#[test]
fn siblings_with_a_common_beginning_are_no_parents() {
    let config = "exports: [{mode: Restricted, mount: /usr}, {mode: Restricted, mount: /usr-local, path: /x}, {mode: Tmpfs, mount: /usr/t}, {mode: Restricted, mount: /usr/t/deep, path: /y}]";
    let asked = questions(&merged(&[config]), &request()).sources;
    let expected = ["/usr", "/usr/t", "/x", "/y"].map(PathBuf::from);
    assert_eq!(asked, expected);
}

/// Nothing lies in a file or in a link: what is mounted below its name has the directory above it.
#[test]
fn files_and_links_are_no_places_for_mount_points() {
    let asked = |above: &str| {
        let config = format!("exports: [{above}, {{mode: Restricted, mount: /usr/a/x, path: /srv/x}}]");
        questions(&merged(&[&config]), &request()).sources
    };
    let has = |above: &str, path: &str| asked(above).contains(&PathBuf::from(path));
    for mode in ["Public", "Private", "Restricted", "PrivateRestricted"] {
        let above = format!("{{mode: {mode}, mount: /usr/a, path: /src}}");
        assert!(has(&above, "/src/x"), "{mode}");
    }
    for mode in ["PublicFile", "PrivateFile", "RestrictedFile", "Symlink"] {
        let above = format!("{{mode: {mode}, mount: /usr/a, path: /src}}");
        assert!(!has(&above, "/src/x"), "{mode}");
        let both = format!("{{mode: Restricted, mount: /usr}}, {above}");
        assert!(has(&both, "/usr/a/x"), "{mode}");
    }
    for above in [
        "{mode: Execfd, mount: /usr/a, path: echo}",
        "{mode: Internal, mount: /usr/a, path: 5}",
        "{mode: Lock, mount: /usr/a, path: /lock}",
    ] {
        assert!(
            has(&format!("{{mode: Restricted, mount: /usr}}, {above}"), "/usr/a/x"),
            "{above}"
        );
    }
}

#[test]
fn commands_that_fail_are_errors() {
    let config = "exports: [{mode: Execfd, mount: /a, path: boom}]\nenviron: [{mode: Execfd, key: B, value: nul}]";
    let errors = built(&[config], |facts, _| {
        for (command, output) in &mut facts.outputs {
            *output = if command.text == "boom" {
                Err("sh: boom: not found".into())
            } else {
                Ok(vec![0])
            };
        }
    });
    let expected = [
        "/pool/n0/redpack.yaml:2:11: /a: the command 'boom' failed: sh: boom: not found",
        "/pool/n0/redpack.yaml:3:11: B: the command printed a NUL byte, which no variable can hold",
    ];
    assert_eq!(texts(&errors.unwrap_err()), expected);
    let errors = built(&[config], |facts, _| facts.outputs.clear()).unwrap_err();
    assert_eq!(errors.len(), 2);
}

#[test]
fn accounts_and_labels_are_prepared() {
    let account = Account {
        uid: 7,
        gid: 8,
        groups: vec![8, 9],
    };
    let found = built(
        &["config: {set-user: bob, set-group: '9', smack: L}"],
        |facts, request| {
            assert_eq!(
                questions(&merged(&["config: {set-user: bob}"]), request).user,
                Some("bob".into())
            );
            facts.user = Some(Ok(account.clone()));
            facts.group = Some(Ok(9));
            facts.smack = true;
            request.smack = Some("M".into());
        },
    );
    let preparation = found.unwrap().0.preparation;
    assert_eq!(
        (preparation.user, preparation.group, preparation.smack),
        (Some(account), Some(9), Some("M".into()))
    );
    let errors = built(&["config: {set-user: bob}"], |facts, _| {
        facts.user = Some(Err("no user 'bob'".into()))
    })
    .unwrap_err();
    assert_eq!(texts(&errors), ["/pool/n0/redpack.yaml:2:20: set-user: no user 'bob'"]);
    let (plan, warnings) = built(&["config: {smack: L}"], |_, _| ()).unwrap();
    assert_eq!((plan.preparation.smack, warnings.len()), (None, 1));
}

#[test]
fn the_command_line_beats_the_tags_of_accounts() {
    let merged = merged(&["config: {set-user: bob, set-group: staff}"]);
    let asked = questions(
        &merged,
        &crate::plan::Request {
            user: Some("eve".into()),
            ..request()
        },
    );
    assert_eq!((asked.user, asked.group), (Some("eve".into()), Some("staff".into())));
}

#[test]
fn root_inside_takes_a_user_namespace() {
    let config = "config: {share_user: Enabled, map-root-user: 1}";
    assert!(texts(&built(&[config], |_, _| ()).unwrap_err())[0].contains("set share_user to Disabled"));
    assert!(built(&[config], |facts, _| facts.uid = 0).is_ok());
    assert!(built(&["config: {map-root-user: 1}"], |_, _| ()).is_ok());
}

#[test]
fn the_environment_is_kept_on_request() {
    let cleared = |config: &str| {
        plan(&[config])
            .steps
            .iter()
            .any(|step| step.operation == Operation::ClearEnvironment)
    };
    assert!(cleared("") && cleared("config: {inherit-env: false}") && !cleared("config: {inherit-env: true}"));
}

#[test]
fn too_many_arguments_and_no_program_are_errors() {
    let exports: String = (0..MAX_ARGUMENTS / 2)
        .map(|n| format!("  - {{mode: Tmpfs, mount: /t{n}}}\n"))
        .collect();
    let errors = built(&[&format!("exports:\n{exports}")], |_, _| ()).unwrap_err();
    assert_eq!(
        texts(&errors),
        ["plan: the plan needs 9010 arguments and bubblewrap reads 9000; export directories instead of single files"]
    );
    let errors = built(&[""], |_, request| request.program.clear()).unwrap_err();
    assert_eq!(texts(&errors), ["program: no program is given"]);
}

#[test]
fn as_many_arguments_fit_as_bubblewrap_reads() {
    let with = |words: usize| built(&[""], |_, request| request.program = vec!["x".into(); words]);
    let (plan, _) = with(1).unwrap();
    let Arguments { options, program } = bubblewrap(&plan, &BTreeMap::new()).unwrap();
    // bubblewrap counts the `--` as well.
    let most = 9000 - options.len() - 1;
    assert_eq!(program.len(), 2);
    assert!(bubblewrap(&with(most).unwrap().0, &BTreeMap::new()).is_ok());
    let expected =
        "plan: the plan needs 9001 arguments and bubblewrap reads 9000; export directories instead of single files";
    assert_eq!(texts(&with(most + 1).unwrap_err()), [expected]);
    // Files and sources with a descriptor take as many words as those without; still, the limit is held where it counts.
    let mut larger = with(most).unwrap().0;
    larger.program.push("x".into());
    assert_eq!(bubblewrap(&larger, &BTreeMap::new()), Err(ArgumentError::TooMany(9001)));
}

#[test]
fn the_origin_of_a_step_is_its_place() {
    let plan = plan(&[
        "config:\n  hostname: h\nexports:\n  - {mode: Tmpfs, mount: /t}",
        "environ:\n  - {key: A, value: a}\nexports:\n  - {mode: Anonymous, mount: /a}",
    ]);
    let origins: Vec<_> = plan.steps.iter().map(|step| (&step.operation, &*step.origin)).collect();
    let [user, cgroup] = [Namespace::User, Namespace::Cgroup].map(Operation::Unshare);
    let expected = [
        (&Operation::Directory("/a".into()), "/pool/n0/n1/redpack.yaml:5:5"),
        (&Operation::Tmpfs("/t".into()), "/pool/n0/redpack.yaml:5:5"),
        (&Operation::ClearEnvironment, "the environment starts empty"),
        (
            &Operation::SetEnvironment {
                key: "A".into(),
                value: "a".into(),
            },
            "/pool/n0/n1/redpack.yaml:3:5",
        ),
        (&Operation::Hostname("h".into()), "/pool/n0/redpack.yaml:3:13"),
        (&user, "not shared, as no config says otherwise"),
        (&cgroup, "not shared, as no config says otherwise"),
    ];
    assert_eq!(origins[..expected.len()], expected);
}

#[test]
fn a_plan_says_what_a_backend_needs_to_know() {
    let told = |configs: &[&str]| {
        let plan = plan(configs);
        (plan.dies_with_launcher(), plan.has_init(), plan.is_in_other_session())
    };
    let shared = "share_all: Enabled, ";
    assert_eq!(told(&["config: {share_all: Enabled}"]), (false, false, false));
    assert_eq!(told(&[""]), (false, true, false));
    for (tag, expected) in [
        ("die-with-parent: Enabled", (true, false, false)),
        ("new-session: Enabled", (false, false, true)),
        ("share_pid: Disabled", (false, true, false)),
    ] {
        assert_eq!(told(&[&format!("config: {{{shared}{tag}}}")]), expected, "{tag}");
    }
    let lock = "config: {share_all: Enabled}\nexports: [{mode: Lock, mount: /lock, path: /lock}]";
    assert_eq!(told(&[lock]), (false, true, false));
}
