//! From a merged configuration and the facts to the plan.

use crate::config::Toggle;
use crate::merge::{Entry, Finding, Merged, Origin};
use crate::plan::{
    Facts, MAX_ARGUMENTS, Operation, Plan, Preparation, Request, Step, account, bubblewrap, cgroup, environment,
    export, namespace,
};

/// Why no plan can be made.
pub type PlanError = Finding;
/// What is left out or changed in the plan.
pub type Warning = Finding;

/// What is collected while the plan is made.
pub(super) struct Builder<'a> {
    pub merged: &'a Merged,
    pub facts: &'a Facts,
    pub request: &'a Request,
    pub steps: Vec<Step>,
    pub preparation: Preparation,
    pub warnings: Vec<Warning>,
    pub errors: Vec<PlanError>,
}

/// Makes the launch plan.
///
/// # Errors
/// Everything that keeps the program from starting as the configuration says, each with its place.
pub fn build(merged: &Merged, facts: &Facts, request: &Request) -> Result<(Plan, Vec<Warning>), Vec<PlanError>> {
    let mut builder = Builder::new(merged, facts, request);
    builder.fill();
    let Builder {
        steps,
        preparation,
        warnings,
        mut errors,
        ..
    } = builder;
    let plan = Plan {
        preparation,
        steps,
        program: request.program.clone(),
    };
    if plan.program.is_empty() {
        errors.push(Finding {
            key: "program".into(),
            message: "no program is given".into(),
            places: Vec::new(),
        });
    }
    let arguments = bubblewrap::count(&plan);
    if arguments > MAX_ARGUMENTS {
        let message = bubblewrap::ArgumentError::TooMany(arguments).to_string();
        errors.push(Finding {
            key: "plan".into(),
            message,
            places: Vec::new(),
        });
    }
    if errors.is_empty() {
        Ok((plan, warnings))
    } else {
        Err(errors)
    }
}

impl<'a> Builder<'a> {
    fn new(merged: &'a Merged, facts: &'a Facts, request: &'a Request) -> Self {
        let (steps, preparation, warnings, errors) = Default::default();
        Self {
            merged,
            facts,
            request,
            steps,
            preparation,
            warnings,
            errors,
        }
    }

    /// The order is the one of the specification.
    fn fill(&mut self) {
        account::prepare(self);
        export::add(self);
        environment::add(self);
        self.capabilities();
        self.place();
        self.process();
        namespace::add(self);
        environment::add_paths(self);
        cgroup::prepare(self);
    }

    fn capabilities(&mut self) {
        for entry in &self.merged.tags.capabilities {
            let name = entry.value.name.to_string();
            let operation = if entry.value.add {
                Operation::AddCapability(name)
            } else {
                Operation::DropCapability(name)
            };
            self.step(operation, &entry.origin);
        }
    }

    fn place(&mut self) {
        let tags = &self.merged.tags;
        self.tag(&tags.hostname, |name| Some(Operation::Hostname(name.clone())));
        self.tag(&tags.chdir, |path| Some(Operation::ChangeDirectory(path.clone())));
    }

    fn process(&mut self) {
        let tags = &self.merged.tags;
        self.tag(&tags.die_with_parent, |toggle| {
            (*toggle == Toggle::Enabled).then_some(Operation::DieWithParent)
        });
        self.tag(&tags.new_session, |toggle| {
            (*toggle == Toggle::Enabled).then_some(Operation::NewSession)
        });
        self.preparation.umask = tags.umask.as_ref().map(|mask| mask.value);
    }

    fn tag<T>(&mut self, entry: &Option<Entry<T>>, operation: impl Fn(&T) -> Option<Operation>) {
        if let Some(entry) = entry
            && let Some(operation) = operation(&entry.value)
        {
            self.step(operation, &entry.origin);
        }
    }

    pub(super) fn step(&mut self, operation: Operation, origin: &Origin) {
        self.steps.push(Step {
            operation,
            origin: origin.to_string(),
        });
    }

    /// A step that no config asks for by itself.
    pub(super) fn step_because(&mut self, operation: Operation, reason: &str) {
        self.steps.push(Step {
            operation,
            origin: reason.to_owned(),
        });
    }

    pub(super) fn error(&mut self, key: &str, message: impl Into<String>, origin: &Origin) {
        self.errors.push(Finding::new(key, message, origin.clone()));
    }

    pub(super) fn warning(&mut self, key: &str, message: impl Into<String>, origin: &Origin) {
        self.warnings.push(Finding::new(key, message, origin.clone()));
    }
}
