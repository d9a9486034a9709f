//! Files that are not there, cannot be read, or could be somebody else's words.

use super::*;

#[test]
fn a_file_that_is_named_must_be_there_and_be_text() {
    let folder = tempfile::tempdir().expect("a folder");
    let missing = folder.path().join("none.toml");
    let binary = File::new(b"netuid = 1 # \xff");
    let large = File::new("#".repeat((1 << 20) + 1));
    for (path, expected) in [
        (&missing, "there is no such file; name a file"),
        (&folder.path().to_owned(), "it is a folder, not a file"),
        (&binary.path, "it is not text in UTF-8"),
        (&large.path, "has more than 1048576 bytes"),
    ] {
        for command in [SEAL, "config check", "config show"] {
            let mut program = btpow(command);
            program.args(["--config", &path_of_program(path)]);
            let (code, stdout, stderr) = told(&program.output().expect("starts"));
            assert_eq!((code, &*stdout), (Some(2), ""), "{stderr}");
            assert_eq!(stderr.lines().count(), 1, "{stderr}");
            let begin = format!("error: {}: ", path_of_program(path));
            assert!(
                stderr.starts_with(&begin) && stderr.contains(expected),
                "{stderr}"
            );
        }
    }
}

/// The same by another user where this one is root, who reads everything and goes everywhere. That user may not reach the
/// program where it was compiled, so it is in this folder then.
#[cfg(unix)]
fn not_as_root(command: Command, folder: &Path) -> Command {
    use std::os::unix::process::CommandExt as _;

    if !rustix::process::geteuid().is_root() {
        return command;
    }
    let program = folder.join("program");
    let original = command.get_program();
    if !program.exists() && fs::hard_link(original, &program).is_err() {
        // By another process: one that this one starts meanwhile would hold the file open, which then does not start.
        let copied = Command::new("cp").arg(original).arg(&program).status();
        assert!(copied.expect("cp starts").success());
    }
    let mut other = Command::new(program);
    other.env_clear().args(command.get_args()).uid(65_534);
    let variables = command.get_envs();
    other.envs(variables.filter_map(|(name, value)| Some((name, value?))));
    other
}

#[cfg(unix)]
#[test]
fn a_file_that_this_user_cannot_read_is_told() {
    use std::os::unix::fs::PermissionsExt as _;

    let file = File::new("netuid = 1\n");
    let closed = fs::Permissions::from_mode(0o000);
    fs::set_permissions(&file.path, closed).expect("its owner's");
    let open = fs::Permissions::from_mode(0o755);
    fs::set_permissions(file.folder.path(), open).expect("its owner's");
    let mut command = not_as_root(file.with(SEAL), file.folder.path());
    let (code, _, stderr) = told(&command.output().expect("starts"));
    assert_eq!(code, Some(2), "{stderr}");
    assert!(
        stderr.contains("cannot read it: Permission denied"),
        "{stderr}"
    );
}

/// It could name another chain, or run a command.
#[cfg(unix)]
#[test]
fn a_file_that_others_can_write_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;

    let mode = |path: &Path, bits| {
        fs::set_permissions(path, fs::Permissions::from_mode(bits)).expect("its owner's");
    };
    let file = File::new("[seal]\njson = true\n");
    let run = |command: &str| told(&file.with(command).output().expect("starts"));
    for (path, open, closed) in [
        (file.path.as_path(), 0o646, 0o644),
        (file.folder.path(), 0o777, 0o755),
    ] {
        mode(path, open);
        for command in [SEAL, "config check", "config show seal"] {
            let (code, stdout, stderr) = run(command);
            assert_eq!((code, &*stdout), (Some(2), ""), "{stderr}");
            assert_eq!(stderr.lines().count(), 1, "{stderr}");
            for part in ["is open to every user of this machine", "chmod"] {
                assert!(stderr.contains(part), "{stderr}");
            }
        }
        mode(path, closed);
        let (code, stdout, stderr) = run(SEAL);
        assert_eq!((code, &*stderr), (Some(0), ""));
        assert!(stdout.starts_with('{'), "{stdout}");
    }
    // A group may be a team: a warning.
    mode(&file.path, 0o664);
    let (code, _, stderr) = run(SEAL);
    assert_eq!(code, Some(0), "{stderr}");
    let warning = format!("warning: {} is open to its group", file.path.display());
    assert!(stderr.starts_with(&warning), "{stderr}");
    // In a folder like /tmp nobody else can replace it.
    mode(&file.path, 0o644);
    mode(file.folder.path(), 0o1777);
    assert_eq!(run(SEAL).0, Some(0));
}

/// What is there but out of reach may forbid what would then be done without it.
#[cfg(unix)]
#[test]
fn a_file_of_the_users_own_that_cannot_be_reached_is_told() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    let folder = tempfile::tempdir().expect("a folder");
    // The program of another user must get as far as that.
    let open = fs::Permissions::from_mode(0o755);
    fs::set_permissions(folder.path(), open).expect("its owner's");
    let place = |name: &str| {
        let place = folder.path().join(name);
        fs::create_dir(&place).expect("a folder");
        place
    };
    let inner = |name: &str| {
        let inner = place(name).join("btpow");
        fs::create_dir(&inner).expect("a folder");
        inner.join("config.toml")
    };
    symlink("nowhere", inner("dangling")).expect("a link");
    symlink("config.toml", inner("loop")).expect("a link");
    symlink("nowhere", place("dangling-folder").join("btpow")).expect("a link");
    fs::write(place("no-folder").join("btpow"), "").expect("written");
    let closed = inner("closed");
    fs::write(&closed, "").expect("written");
    let closed = closed.parent().expect("its folder");
    fs::set_permissions(closed, fs::Permissions::from_mode(0o600)).expect("its owner's");
    for (name, problem) in [
        ("dangling", "a link on the way to it leads nowhere"),
        ("loop", "cannot read it: Too many levels of symbolic links"),
        ("dangling-folder", "a link on the way to it leads nowhere"),
        ("no-folder", "cannot read it: Not a directory"),
        ("closed", "cannot read it: Permission denied"),
    ] {
        let run = |arguments: &str| {
            let mut command = btpow(arguments);
            command.env("XDG_CONFIG_HOME", folder.path().join(name));
            if name == "closed" {
                command = not_as_root(command, folder.path());
            }
            told(&command.output().expect("starts"))
        };
        for command in [SEAL, "config check", "config show"] {
            let (code, stdout, stderr) = run(command);
            assert_eq!((code, &*stdout), (Some(2), ""), "{name}: {stderr}");
            assert_eq!(stderr.lines().count(), 1, "{name}: {stderr}");
            for part in [problem, "add --no-config"] {
                assert!(stderr.contains(part), "{name}: {stderr}");
            }
        }
        let (code, _, stderr) = run(&format!("{SEAL} --no-config"));
        assert_eq!((code, &*stderr), (Some(0), ""), "{name}");
    }
    // No folder yet is no file.
    let mut command = btpow(SEAL);
    command.env("XDG_CONFIG_HOME", folder.path().join("none/yet"));
    let (code, _, stderr) = told(&command.output().expect("starts"));
    assert_eq!((code, &*stderr), (Some(0), ""));
}

/// Root would run their commands.
#[cfg(unix)]
#[test]
fn root_does_not_do_what_the_file_of_another_user_says() {
    use std::os::unix::fs::chown;

    // Nobody else can give files away.
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let file = File::new("[seal]\njson = true\n");
    for path in [file.path.as_path(), file.folder.path()] {
        chown(path, Some(65_534), None).expect("root may");
        for command in [SEAL, "config check", "config show seal"] {
            let (code, stdout, stderr) = told(&file.with(command).output().expect("starts"));
            assert_eq!((code, &*stdout), (Some(2), ""), "{stderr}");
            assert_eq!(stderr.lines().count(), 1, "{stderr}");
            for part in [
                "belongs to user 65534, but user 0 would do what",
                "sudo chown 0",
            ] {
                assert!(stderr.contains(part), "{stderr}");
            }
        }
        chown(path, Some(0), None).expect("root may");
        let (code, _, stderr) = told(&file.with(SEAL).output().expect("starts"));
        assert_eq!((code, &*stderr), (Some(0), ""));
    }
}

#[cfg(unix)]
#[test]
fn where_the_user_has_no_home_there_are_no_settings() {
    for home in ["/dev/null", "/proc/1/task/1/fd/0/nowhere"] {
        let mut command = btpow(SEAL);
        command.env("XDG_CONFIG_HOME", home);
        let (code, _, stderr) = told(&command.output().expect("starts"));
        assert_eq!(code, Some(0), "{home}: {stderr}");
    }
}
