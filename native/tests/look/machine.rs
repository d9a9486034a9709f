//! A machine whose driver is written for a test, and a program that works there.

use std::{
    fs::{self, File},
    io::{BufRead as _, BufReader, Lines, Read as _},
    path::PathBuf,
    process::{Child, ChildStderr, Command, Stdio},
};

use tempfile::TempDir;

use crate::common::{btpow, told};

/// The functions that the loaders call first, and what every library here needs.
const PRELUDE: &str = r#"
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Tells the test who this is, what it was given, and by its end when it is gone. */
static void report(void) {
    int out = open(getenv("BTPOW_TEST_PIPE"), O_WRONLY | O_CLOEXEC);
    dprintf(out, "process %d\n", (int)getpid());
    DIR *folder = opendir("/proc/self/fd");
    for (struct dirent *entry; (entry = readdir(folder));) {
        char path[300] = "/proc/self/fd/", name[300] = "";
        strcat(path, entry->d_name);
        if (readlink(path, name, sizeof name - 1) > 0) dprintf(out, "open %s\n", name);
    }
    closedir(folder);
    extern char **environ;
    for (char **it = environ; *it; it++) dprintf(out, "variable %s\n", *it);
    dprintf(out, "end\n");
}
"#;

/// A machine whose driver is written for a test.
pub(crate) struct Machine {
    pub(crate) folder: TempDir,
    /// What makes the program find the driver.
    pub(crate) variables: Vec<(&'static str, PathBuf)>,
}

impl Machine {
    /// With a driver of NVIDIA's whose library has this source, and does nothing else.
    pub(crate) fn with_cuda(source: &str) -> Self {
        let others = btpow_cuda::library::FUNCTIONS.into_iter();
        let others = others.filter(|name| !source.contains(name));
        let others: String = others
            .map(|name| format!("int {name}(void) {{ return 999; }}\n"))
            .collect();
        Self::with_cuda_library(&format!("{source}\n{others}"))
    }

    /// With a library of that name which has this source and nothing else.
    pub(crate) fn with_cuda_library(source: &str) -> Self {
        let machine = Self::new("libcuda.so.1", source);
        let folder = machine.folder.path().to_owned();
        machine.given("LD_LIBRARY_PATH", folder)
    }

    /// With one Vulkan driver, whose library has this source.
    pub(crate) fn with_vulkan(source: &str) -> Self {
        let machine = Self::new("libvulkan_test.so", source);
        let manifest = machine.folder.path().join("test_icd.json");
        let library = machine.folder.path().join("libvulkan_test.so");
        let text = serde_json::json!({
            "file_format_version": "1.0.0",
            "ICD": { "library_path": library, "api_version": "1.3.0" },
        });
        fs::write(&manifest, text.to_string()).expect("written");
        // Loaders know the one or the other.
        let machine = machine.given("VK_DRIVER_FILES", manifest.clone());
        machine.given("VK_ICD_FILENAMES", manifest)
    }

    fn new(library: &str, source: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("driver.c");
        fs::write(&file, format!("{PRELUDE}{source}")).expect("written");
        let compiled = Command::new("cc")
            .args(["-shared", "-fPIC", "-Wno-unused-function"])
            .arg(format!("-Wl,-soname,{library}"))
            .arg("-o")
            .args([folder.path().join(library), file])
            .status();
        assert!(compiled.expect("a C compiler: install gcc").success());
        let pipe = folder.path().join("pipe");
        let made = Command::new("mkfifo").arg(&pipe).status();
        assert!(made.expect("coreutils").success());
        let variables = vec![("BTPOW_TEST_PIPE", pipe)];
        Self { folder, variables }
    }

    pub(crate) fn given(mut self, name: &'static str, value: PathBuf) -> Self {
        self.variables.push((name, value));
        self
    }

    pub(crate) fn btpow(&self, arguments: &str) -> Command {
        let mut command = btpow(arguments);
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    pub(crate) fn told(&self, arguments: &str) -> (Option<i32>, String, String) {
        told(&self.btpow(arguments).output().expect("starts"))
    }

    /// What the driver reports when it is called: its process, and what that was given. The rest of the pipe ends
    /// with the process.
    pub(crate) fn report(&self) -> (u32, Vec<String>, BufReader<File>) {
        let pipe = File::open(self.folder.path().join("pipe")).expect("there");
        let mut pipe = BufReader::new(pipe);
        let mut lines = Vec::new();
        while lines.last().is_none_or(|line| line != "end") {
            let mut line = String::new();
            assert!(pipe.read_line(&mut line).expect("text") > 0, "{lines:?}");
            lines.push(line.trim_end().to_owned());
        }
        let id = lines[0].strip_prefix("process ").expect("first");
        (id.parse().expect("a number"), lines, pipe)
    }
}

/// A search that never ends by itself.
pub(crate) struct Search {
    pub(crate) child: Child,
    pub(crate) stderr: Lines<BufReader<ChildStderr>>,
}

impl Search {
    pub(crate) fn start(mut command: Command) -> Self {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("starts");
        let stderr = BufReader::new(child.stderr.take().expect("piped")).lines();
        Self { child, stderr }
    }

    /// The next line of standard error that holds `part`.
    pub(crate) fn until(&mut self, part: &str) -> String {
        let mut before = Vec::new();
        for line in &mut self.stderr {
            let line = line.expect("UTF-8");
            if line.contains(part) {
                return line;
            }
            before.push(line);
        }
        panic!("no {part:?} in {before:?}");
    }

    pub(crate) fn kill(&self, signal: &str) {
        let id = self.child.id().to_string();
        let killed = Command::new("kill").args([signal, &id]).status();
        assert!(killed.expect("kill starts").success());
    }

    /// Ends it by Ctrl-C. Returns standard output.
    pub(crate) fn interrupt(mut self) -> String {
        self.kill("-INT");
        let mut text = String::new();
        let mut stdout = self.child.stdout.take().expect("piped");
        stdout.read_to_string(&mut text).expect("UTF-8");
        assert_eq!(self.child.wait().expect("ends").code(), Some(130));
        text
    }

    /// The processes that it has started and not yet let go of.
    pub(crate) fn children(&self) -> Vec<String> {
        let parent = self.child.id().to_string();
        let stat = |entry: std::io::Result<fs::DirEntry>| {
            fs::read_to_string(entry.ok()?.path().join("stat")).ok()
        };
        let all = fs::read_dir("/proc").expect("Linux").filter_map(stat);
        // After the name in parentheses come the state and the parent.
        let is_child = |stat: &String| {
            let rest = stat.rsplit(')').next().expect("one piece at least");
            rest.split_whitespace().nth(1) == Some(&parent)
        };
        all.filter(is_child).collect()
    }

    pub(crate) fn wait_for_no_children(&self) {
        let began = std::time::Instant::now();
        while !self.children().is_empty() {
            let limit = core::time::Duration::from_secs(60);
            assert!(began.elapsed() < limit, "{:?}", self.children());
            std::thread::sleep(core::time::Duration::from_millis(5));
        }
    }
}
