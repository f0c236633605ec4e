//! `mcm batch`: many tasks, from their file to a line of results for each.

use std::{
    fs::File,
    io::{self, ErrorKind},
    os::{fd::AsFd, unix::fs::MetadataExt},
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use rustix::process::{Resource, getrlimit, setrlimit};

use crate::{
    agent::{prompt::Templates, task::Input},
    batch::{
        self, Batch, Control, End, Limits, OnFailure, Progress, Tally,
        results::{self, Expected, Mode, Writer},
        tasks::{self, Entry, Faults, TaskText},
    },
    cli::{
        args::{self, Tape},
        failure::{Exit, Failure},
        gather::{self, TakenNames},
        inputs,
        interrupt::{self, Asked},
        launch::Lists,
        model, program,
        startup::{self, Configured, Startup, Which},
        ui::Standing,
        workshop,
    },
    model::rate::{Limiter, Rates},
    program::Program,
    sandbox::Sandbox,
};

/// How often a bar moves.
const DRAWN: Duration = Duration::from_millis(200);
/// How often a line is written where there is no bar.
const TOLD: Duration = Duration::from_secs(10);

/// Each run of a batch is recorded in its result.
const NO_TAPE: Tape<'_> = Tape {
    record: None,
    replay: None,
};

/// What there is to do, and where results go.
struct Plan {
    entries: Vec<Entry>,
    inputs: Vec<Input>,
    /// Places of tasks, in order.
    todo: Vec<usize>,
    /// Tasks that stay for another time.
    put_off: usize,
    /// How tasks ended that were done before.
    before: Tally,
    writer: Writer,
    /// `None` for stdout.
    path: Option<PathBuf>,
}

/// Does the tasks.
///
/// # Errors
/// What keeps all of them from an answer; an interrupt.
pub async fn batch(args: &args::Batch) -> Result<Exit, Failure> {
    let loaded = program::load(&args.program)?;
    let mut startup = startup::begin(&loaded.settings(args.flags())?)?;
    let sandbox = startup.start_sandbox_if_needed()?;
    let configured = startup.configured()?;
    let which = loaded.restrict(&mut startup, &configured)?;
    let plan = plan(args, &startup, &configured, &loaded.program)?;
    if plan.todo.is_empty() {
        startup.ui.note("nothing is left to be done");
        startup.ui.note(&format!("done before: {}", plan.before.all()));
        return Ok(exit(plan.before));
    }
    do_tasks(args, &startup, (&configured, &which), (sandbox, loaded.program), plan).await
}

async fn do_tasks(
    args: &args::Batch,
    startup: &Startup,
    (configured, which): (&Configured, &Which),
    (sandbox, program): (Option<Arc<Sandbox>>, Program),
    plan: Plan,
) -> Result<Exit, Failure> {
    let templates = Templates::new(startup.templates())?;
    let (chosen, servers) = tokio::try_join!(
        model::choose(startup, None, NO_TAPE, startup.ui.masker()),
        startup.start(configured, which, Lists::Kept)
    )?;
    let toolbox = startup.toolbox(servers, configured)?;
    toolbox.prepare(None);
    let template = workshop::template(&toolbox, sandbox).await?;
    let mut workshop = startup.workshop(chosen, Arc::new(templates), Arc::clone(&toolbox), template);
    workshop.context.demonstrations.clone_from(&program.demonstrations);
    raise_descriptor_limit();
    let Plan {
        entries,
        inputs,
        todo,
        put_off,
        before,
        writer,
        path,
    } = plan;
    let progress = Arc::new(Progress::default());
    let limiter = Limiter::new(rates(startup));
    let batch = Batch {
        workshop,
        limiter: Arc::clone(&limiter),
        writer,
        entries,
        program,
        inputs,
        said: Arc::default(),
        name: gather::run_id(),
        limits: limits(args, startup),
        budget: startup.budget(),
        progress: Arc::clone(&progress),
        listener: listener(startup),
    };
    let (total, begun) = (todo.len(), Instant::now());
    let standing = || Standing {
        total,
        counted: progress.snapshot(),
        waiting: limiter.waiting(),
        elapsed: begun.elapsed(),
    };
    let ended = watched(startup, batch, todo, &standing).await?;
    let at_end = standing();
    startup.close(&toolbox).await;
    startup.ui.finish();
    let left = total - at_end.counted.finished.all();
    startup.ui.summary(&at_end, before, left + put_off);
    if let Some(path) = &path {
        startup.ui.note(&format!("results: {}", path.display()));
    }
    report(ended, &at_end, before, path.as_deref())
}

/// The tasks, checked, and the results that are there already.
fn plan(args: &args::Batch, startup: &Startup, configured: &Configured, program: &Program) -> Result<Plan, Failure> {
    let from_stdin = args.tasks.as_os_str() == "-";
    let specs = &args.inputs.inputs;
    inputs::check_stdin(specs, from_stdin.then_some("the tasks"))?;
    let names = TakenNames::new(&configured.names);
    let inputs = gather::named_inputs(specs, &names, &program.inputs)?;
    let (name, path) = if from_stdin {
        ("stdin".to_owned(), None)
    } else {
        (format!("`{}`", args.tasks.display()), Some(args.tasks.as_path()))
    };
    let bytes = read(path).map_err(|e| Failure::usage(format!("cannot read {name}: {e}")))?;
    let check_name = |name: &str| {
        let twice = inputs.iter().any(|input| input.name == name);
        let twice = twice.then_some("`--input` gives it to all tasks already");
        twice.or_else(|| names.taken().problem(name)).map(str::to_owned)
    };
    let task_text = if program.is_whole() {
        TaskText::Optional
    } else {
        TaskText::Needed
    };
    let tasks::Tasks { entries, format } =
        tasks::parse(&bytes, path, task_text, &check_name).map_err(|faults| refused(&name, &faults))?;
    drop(bytes);
    let masker = startup.ui.masker().clone();
    let is_of = |entry: &Entry, text: &str, digest: Option<&str>| match digest {
        Some(digest) => entry
            .task(program, &inputs)
            .is_ok_and(|task| Program::digest(&task) == digest),
        // what did not fit its program, and does not by now either
        None if program.is_whole() => entry.task(program, &inputs).is_err() && masker.text(&entry.text) == text,
        None => masker.text(&entry.text) == text,
    };
    let expected = Expected {
        entries: &entries,
        is_of: &is_of,
    };
    if let (Some(path), Some(output)) = (path, &args.output)
        && same_file(path, output)
    {
        return Err(
            Failure::usage(format!("tasks and results are the same file: `{}`", output.display()))
                .hint("name another file for the results: `-o FILE`"),
        );
    }
    let (writer, path, done) = sink(args, startup, expected)?;
    let mut before = Tally::default();
    done.iter().flatten().for_each(|status| before.add(*status));
    let mut todo: Vec<usize> = (0..entries.len()).filter(|place| done[*place].is_none()).collect();
    let limit = args
        .limit
        .map_or(usize::MAX, |n| usize::try_from(n).unwrap_or(usize::MAX));
    let put_off = todo.len().saturating_sub(limit);
    todo.truncate(limit);
    startup.ui.note(&format!(
        "{} of {} tasks to be done ({format})",
        todo.len(),
        entries.len()
    ));
    Ok(Plan {
        entries,
        inputs,
        todo,
        put_off,
        before,
        writer,
        path,
    })
}

fn same_file(one: &Path, other: &Path) -> bool {
    let of = |path: &Path| path.metadata().map(|found| (found.dev(), found.ino())).ok();
    of(one).is_some_and(|one| of(other) == Some(one))
}

fn read(path: Option<&Path>) -> io::Result<Vec<u8>> {
    match path {
        Some(path) => tasks::read(File::open(path)?),
        None => tasks::read(File::from(io::stdin().as_fd().try_clone_to_owned()?)),
    }
}

type Sink = (Writer, Option<PathBuf>, Vec<Option<crate::agent::run::Status>>);

/// Where results go, and how each task ended that has one there.
fn sink(args: &args::Batch, startup: &Startup, expected: Expected<'_>) -> Result<Sink, Failure> {
    let cannot = |e: io::Error| Failure::usage(format!("cannot write results: {e}"));
    let Some(path) = args.output.as_ref().filter(|path| path.as_os_str() != "-") else {
        if args.resume || args.retry_failed {
            return Err(Failure::usage("what went to stdout cannot be gone on with")
                .hint("name the file with the results: `-o FILE`"));
        }
        let ui = startup.ui.clone();
        let writer = Writer::to(move |line| {
            ui.print(&String::from_utf8_lossy(line))?;
            if ui.is_read() {
                Ok(())
            } else {
                Err(ErrorKind::BrokenPipe.into())
            }
        });
        return Ok((writer.map_err(cannot)?, None, vec![None; expected.entries.len()]));
    };
    let mode = match (args.resume, args.retry_failed) {
        (_, true) => Mode::RetryFailed,
        (true, false) => Mode::Resume,
        (false, false) => Mode::New,
    };
    let opened = results::open(path, mode, expected)?;
    if opened.mended > 0 {
        startup.ui.warning(&format!(
            "`{}` was not written to its end; {} of its last lines are taken out, and their tasks done again",
            path.display(),
            opened.mended
        ));
    }
    if opened.strangers > 0 {
        startup.ui.warning(&format!(
            "`{}` holds {} results of tasks that are not in the input; they stay as they are",
            path.display(),
            opened.strangers
        ));
    }
    Ok((
        Writer::to_file(opened.file).map_err(cannot)?,
        Some(path.clone()),
        opened.done,
    ))
}

/// Does the tasks, shows where they are, and listens to the user.
async fn watched(
    startup: &Startup,
    batch: Batch,
    todo: Vec<usize>,
    standing: &impl Fn() -> Standing,
) -> Result<End, Failure> {
    let mut signals = interrupt::own().map_err(|e| Failure::usage(format!("cannot listen for signals: {e}")))?;
    let control = Control::new();
    let every = if startup.ui.draws() { DRAWN } else { TOLD };
    let mut tick = tokio::time::interval(every);
    tick.tick().await;
    // on a task of its own, so that it and what is shown do not wait for each other
    let mut running = tokio::spawn({
        let control = control.clone();
        async move { batch::run(batch, todo, &control).await }
    });
    loop {
        tokio::select! {
            ended = &mut running => return Ok(ended.expect("a panic has ended the program")),
            _ = tick.tick() => startup.ui.standing(&standing()),
            asked = signals.next() => {
                if asked == Asked::Interrupt && control.begins_more() {
                    control.drain();
                    let running = standing().counted.running;
                    startup.ui.warning(&format!("finishing {running} running tasks; Ctrl-C again stops them"));
                } else {
                    control.stop();
                    tokio::spawn(interrupt::end_soon());
                }
            }
        }
    }
}

fn limits(args: &args::Batch, startup: &Startup) -> Limits {
    Limits {
        jobs: usize::try_from(startup.settings.jobs.value).unwrap_or(usize::MAX),
        time: startup.settings.max_time.value,
        run: startup.run_limits(),
        on_failure: if args.fail_fast {
            OnFailure::End
        } else {
            OnFailure::GoOn
        },
    }
}

fn rates(startup: &Startup) -> Rates {
    let of = |setting: &Option<crate::cli::settings::Setting<u64>>| setting.as_ref().map(|setting| setting.value);
    Rates {
        requests: of(&startup.settings.rpm).map(|n| u32::try_from(n).unwrap_or(u32::MAX)),
        tokens: of(&startup.settings.tpm),
    }
}

fn listener(startup: &Startup) -> batch::Listener {
    let ui = startup.ui.clone();
    Box::new(move |finished| {
        if let Some(error) = finished.error {
            ui.unanswered(finished.id.text(), finished.status, error);
        }
    })
}

/// How the program ends.
fn report(ended: End, at_end: &Standing, before: Tally, path: Option<&Path>) -> Result<Exit, Failure> {
    let done = at_end.counted.finished.all();
    let so_far = format!("{done} of {} tasks are done", at_end.total);
    let go_on = |failure: Failure| match path {
        Some(_) => failure.hint(format!("{so_far}; the same with `--resume` goes on")),
        None => failure.hint(so_far.clone()),
    };
    match ended {
        End::Done | End::FailedFast => {
            let all = [before, at_end.counted.finished].into_iter().map(exit);
            Ok(all.max_by_key(|exit| *exit as u8).unwrap_or(Exit::Answered))
        }
        End::Drained | End::Stopped => Err(go_on(Failure::new(Exit::Interrupted, "interrupted"))),
        End::Hopeless(error) => Err(go_on(error.into())),
        End::Unwritable(error) if path.is_none() && error.kind() == ErrorKind::BrokenPipe => {
            Err(Failure::new(Exit::GaveUp, "nobody reads the results any more").hint(so_far))
        }
        End::Unwritable(error) => Err(go_on(Failure::usage(format!("cannot write results: {error}")))),
    }
}

fn exit(tally: Tally) -> Exit {
    if tally.unanswered() == 0 {
        Exit::Answered
    } else {
        Exit::GaveUp
    }
}

fn refused(name: &str, faults: &Faults) -> Failure {
    if let ([fault], 0) = (&faults.shown[..], faults.more) {
        return Failure::usage(format!("{name}: {fault}"));
    }
    let count = faults.shown.len() + faults.more;
    let failure = Failure::usage(format!("{name} has {count} faults; no task was done"));
    let failure = faults
        .shown
        .iter()
        .fold(failure, |failure, fault| failure.hint(fault.to_string()));
    match faults.more {
        0 => failure,
        more => failure.hint(format!("… and {more} more")),
    }
}

/// Lets the program have as many descriptors as the system allows: each task needs some.
fn raise_descriptor_limit() {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    // with fewer descriptors fewer tasks can be done at a time, which then says so
    let _ = setrlimit(Resource::Nofile, limit);
}
