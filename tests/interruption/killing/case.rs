//! A case: one value of each dimension.

use std::fmt::{self, Write as _};
use std::str::FromStr;

use redpak_testing::FileSystem;

use super::random::{Deck, Random};

/// An enumeration whose values have names on a command line.
macro_rules! dimension {
    ($(#[$about:meta])* $name:ident { $($(#[$value_about:meta])* $value:ident = $text:literal,)* }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$value_about])* $value,)* }

        impl $name {
            pub const ALL: &'static [Self] = &[$(Self::$value,)*];

            pub fn name(self) -> &'static str {
                match self { $(Self::$value => $text,)* }
            }
        }

        impl FromStr for $name {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, String> {
                Self::ALL.iter().copied().find(|value| value.name() == text)
                    .ok_or_else(|| format!("{} has no value {text}", stringify!($name)))
            }
        }
    };
}

dimension! {
    /// What the command does.
    Kind {
        Install = "install",
        Upgrade = "upgrade",
        Downgrade = "downgrade",
        Reinstall = "reinstall",
        Remove = "remove",
        /// A package takes the place of one that it obsoletes.
        Swap = "swap",
        DistroSync = "distro-sync",
        Undo = "undo",
        Group = "group",
        Autoremove = "autoremove",
        /// A stored transaction is carried out.
        Offline = "offline",
    }
}

dimension! {
    /// What the packages hold.
    Packages {
        /// No scriptlets.
        Plain = "plain",
        Shell = "shell",
        Lua = "lua",
        Triggers = "triggers",
        /// A directory of version 1 is a link in version 2.
        DirectoryToLink = "directory-to-link",
        LinkToDirectory = "link-to-directory",
    }
}

dimension! {
    /// What is there at the places of configs.
    Configs {
        Unchanged = "unchanged",
        Edited = "edited",
        /// The parent node has files of the same names.
        Ancestor = "ancestor",
    }
}

dimension! {
    /// The owner of the pool.
    Who {
        Root = "root",
        /// Has ranges in /etc/subuid.
        Redpak = "redpak",
        Plain = "plain",
    }
}

dimension! {
    /// Which node changes.
    Place {
        Leaf = "leaf",
        Parent = "parent",
    }
}

dimension! {
    /// What ends.
    Target {
        /// The process group of the command.
        Group = "group",
        /// The process that waits for the confined one.
        Waiting = "waiting",
        Confined = "confined",
        /// The process that passes the point aborts.
        Itself = "itself",
    }
}

dimension! {
    /// How things are when the repair begins.
    Around {
        AsBefore = "as-before",
        NoRepository = "no-repository",
        NoCache = "no-cache",
        Neither = "neither",
        DiskFull = "disk-full",
        /// Queries meet a read-only node first.
        ReadOnly = "read-only",
    }
}

dimension! {
    /// The command that repairs.
    Next {
        Repair = "repair",
        /// One that wants something impossible, so that the repair is all it does.
        Ordinary = "ordinary",
    }
}

/// The file system whose power is cut.
pub fn disk_name(system: FileSystem) -> &'static str {
    match system {
        FileSystem::Ext4 => "ext4",
        FileSystem::Ext4Commit => "ext4-commit",
        FileSystem::Ext4Writeback => "ext4-writeback",
        FileSystem::Xfs => "xfs",
        FileSystem::Btrfs => "btrfs",
    }
}

/// Every failure point of redwrap-dnf, from its own list.
const POINTS: [&str; 23] = include!("../../../redpak-dnf/src/failure_points.in");

/// When.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// Where the program passes a failure point for the n-th time.
    Point(&'static str, u32),
    /// After so many thousandths of the command's usual time.
    Time(u32),
    /// At once after the command has exited with 0.
    Success,
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Point(point, 1) => f.write_str(point),
            Self::Point(point, count) => write!(f, "{point}:{count}"),
            Self::Time(thousandths) => write!(f, "0.{thousandths:03}"),
            Self::Success => f.write_str("success"),
        }
    }
}

impl FromStr for Moment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "success" {
            return Ok(Self::Success);
        }
        let wrong = || format!("no moment: {text}");
        if let Some(thousandths) = text.strip_prefix("0.") {
            return thousandths.parse().map(Self::Time).map_err(|_| wrong());
        }
        let (name, count) = text.split_once(':').unwrap_or((text, "1"));
        let point = POINTS.iter().find(|point| **point == name).ok_or_else(wrong)?;
        Ok(Self::Point(point, count.parse().map_err(|_| wrong())?))
    }
}

/// What is there before the command, and the command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scene {
    pub kind: Kind,
    pub packages: Packages,
    pub configs: Configs,
    pub who: Who,
    pub place: Place,
}

/// A scene, and what goes wrong in it.
#[derive(Debug, Clone)]
pub struct Case {
    pub scene: Scene,
    pub target: Target,
    pub moment: Moment,
    /// Interruptions of the repair.
    pub again: Vec<Moment>,
    pub around: Around,
    pub next: Next,
    /// The power is cut instead of a process killed.
    pub disk: Option<FileSystem>,
    /// What a power cut leaves of what was not flushed.
    pub seed: u32,
}

impl Case {
    /// (dimension, value) of each dimension, for sums.
    pub fn values(&self) -> Vec<(&'static str, String)> {
        let Scene {
            kind,
            packages,
            configs,
            who,
            place,
        } = self.scene;
        let moment = match self.moment {
            Moment::Point(point, _) => point.to_owned(),
            Moment::Time(_) => "random time".into(),
            Moment::Success => "success".into(),
        };
        let mut values = vec![
            ("kind", kind.name().to_owned()),
            ("packages", packages.name().into()),
            ("configs", configs.name().into()),
            ("who", who.name().into()),
            ("place", place.name().into()),
            ("moment", moment),
            ("again", self.again.len().to_string()),
            ("around", self.around.name().into()),
            ("next", self.next.name().into()),
        ];
        match self.disk {
            Some(disk) => values.push(("disk", disk_name(disk).into())),
            None => values.push(("target", self.target.name().into())),
        }
        values
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Scene {
            kind,
            packages,
            configs,
            who,
            place,
        } = self.scene;
        write!(
            f,
            "kind={} packages={} configs={} who={} place={} target={} moment={} around={} next={} seed={}",
            kind.name(),
            packages.name(),
            configs.name(),
            who.name(),
            place.name(),
            self.target.name(),
            self.moment,
            self.around.name(),
            self.next.name(),
            self.seed,
        )?;
        if !self.again.is_empty() {
            f.write_str(" again=")?;
        }
        for (number, moment) in self.again.iter().enumerate() {
            if number > 0 {
                f.write_char(',')?;
            }
            write!(f, "{moment}")?;
        }
        self.disk.map_or(Ok(()), |disk| write!(f, " disk={}", disk_name(disk)))
    }
}

impl FromStr for Case {
    type Err = String;

    /// What [`fmt::Display`] wrote; words may be missing, and have the plainest value then.
    fn from_str(text: &str) -> Result<Self, String> {
        let mut case = Self {
            scene: Scene {
                kind: Kind::Install,
                packages: Packages::Plain,
                configs: Configs::Unchanged,
                who: Who::Root,
                place: Place::Leaf,
            },
            target: Target::Group,
            moment: Moment::Time(500),
            again: Vec::new(),
            around: Around::AsBefore,
            next: Next::Repair,
            disk: None,
            seed: 1,
        };
        for word in text.split_whitespace() {
            let (name, value) = word.split_once('=').ok_or_else(|| format!("no = in {word}"))?;
            match name {
                "kind" => case.scene.kind = value.parse()?,
                "packages" => case.scene.packages = value.parse()?,
                "configs" => case.scene.configs = value.parse()?,
                "who" => case.scene.who = value.parse()?,
                "place" => case.scene.place = value.parse()?,
                "target" => case.target = value.parse()?,
                "moment" => case.moment = value.parse()?,
                "again" => case.again = value.split(',').map(str::parse).collect::<Result<_, _>>()?,
                "around" => case.around = value.parse()?,
                "next" => case.next = value.parse()?,
                "seed" => case.seed = value.parse().map_err(|_| format!("no number: {value}"))?,
                "disk" => {
                    let system = FileSystem::ALL.into_iter().find(|system| disk_name(*system) == value);
                    case.disk = Some(system.ok_or_else(|| format!("no file system: {value}"))?);
                }
                _ => return Err(format!("no dimension {name}")),
            }
        }
        Ok(case)
    }
}

/// Why a case makes no sense.
pub fn senseless(case: &Case) -> Option<&'static str> {
    senseless_scene(&case.scene)
        .or_else(|| senseless_moment(&case.scene, case.moment, case.disk.is_some()))
        .or_else(|| senseless_target(case.target, case.moment))
}

/// Why a scene makes no sense.
fn senseless_scene(scene: &Scene) -> Option<&'static str> {
    let nothing_is_installed = matches!(scene.kind, Kind::Install | Kind::Group);
    if nothing_is_installed && scene.configs == Configs::Edited {
        return Some("the configs of a package that is not installed are nobody's to edit");
    }
    None
}

/// Why a moment makes no sense.
fn senseless_moment(scene: &Scene, moment: Moment, is_cut: bool) -> Option<&'static str> {
    let Moment::Point(point, _) = moment else {
        return (moment == Moment::Success && !is_cut).then_some("nothing is left to be killed");
    };
    let only_removes = matches!(scene.kind, Kind::Remove | Kind::Autoremove);
    let only_installs = matches!(scene.kind, Kind::Install | Kind::Group);
    match point {
        "repair" | "repair-cleaned" | "repair-damaged" => Some("only a repair passes it"),
        "scriptlet" if !has_scriptlets(scene) => Some("nothing runs"),
        "install" | "unpacked" | "installed" if only_removes => Some("nothing is installed"),
        "remove" | "removed" if only_installs => Some("nothing is removed"),
        "forgotten" if scene.kind != Kind::Offline => Some("only a stored transaction passes it"),
        _ => None,
    }
}

/// Packages that change between directory and link have a %pretrans in one version alone.
fn has_scriptlets(scene: &Scene) -> bool {
    matches!(scene.packages, Packages::Shell | Packages::Lua | Packages::Triggers)
}

/// Why a target makes no sense.
fn senseless_target(target: Target, moment: Moment) -> Option<&'static str> {
    match (target, moment) {
        (Target::Itself, Moment::Time(_) | Moment::Success) => Some("a process aborts at a point only"),
        _ => None,
    }
}

/// Scenes, with their cases. Each dimension's values come evenly.
pub fn draw(random: &mut Random, wanted: usize, in_a_scene: usize, cuts_power: bool) -> Vec<(Scene, Vec<Case>)> {
    let mut decks = Decks::new(cuts_power);
    let mut scenes = Vec::new();
    let mut left = wanted;
    while left > 0 {
        let scene = decks.scene(random);
        let count = left.min(in_a_scene);
        let disk = cuts_power.then(|| decks.disks.draw(random));
        let cases = (0..count).map(|number| decks.case(random, &scene, disk, number));
        scenes.push((scene, cases.collect()));
        left -= count;
    }
    scenes
}

/// A deck for each dimension.
struct Decks {
    kinds: Deck<Kind>,
    packages: Deck<Packages>,
    configs: Deck<Configs>,
    who: Deck<Who>,
    places: Deck<Place>,
    targets: Deck<Target>,
    moments: Deck<Moment>,
    repairs: Deck<Moment>,
    again: Deck<usize>,
    around: Deck<Around>,
    next: Deck<Next>,
    disks: Deck<FileSystem>,
}

/// For [`Moment::Time`]: the thousandths are drawn later.
const SOME_TIME: Moment = Moment::Time(0);

impl Decks {
    fn new(cuts_power: bool) -> Self {
        let points = POINTS.map(|point| Moment::Point(point, 1));
        let mut moments = points.to_vec();
        moments.extend([SOME_TIME; 6]);
        if cuts_power {
            moments.extend([Moment::Success; 4]);
        }
        let repairs = points
            .into_iter()
            .filter(|moment| *moment != Moment::Point("forgotten", 1))
            .chain([SOME_TIME; 6]);
        Self {
            kinds: Deck::new(Kind::ALL),
            packages: Deck::new(Packages::ALL),
            configs: Deck::new(Configs::ALL),
            who: Deck::new(Who::ALL),
            places: Deck::new(Place::ALL),
            targets: Deck::new(Target::ALL),
            moments: Deck::new(&moments),
            repairs: Deck::new(&repairs.collect::<Vec<_>>()),
            again: Deck::new(&[0, 0, 1, 2]),
            around: Deck::new(Around::ALL),
            next: Deck::new(Next::ALL),
            disks: Deck::new(&FileSystem::ALL),
        }
    }

    fn scene(&mut self, random: &mut Random) -> Scene {
        let scene = Scene {
            kind: self.kinds.draw(random),
            packages: self.packages.draw(random),
            configs: self.configs.draw(random),
            who: self.who.draw(random),
            place: self.places.draw(random),
        };
        if senseless_scene(&scene).is_none() {
            return scene;
        }
        self.configs.put_back(scene.configs);
        let others = [Configs::Unchanged, Configs::Ancestor];
        Scene {
            configs: others[random.up_to(2) as usize],
            ..scene
        }
    }

    fn case(&mut self, random: &mut Random, scene: &Scene, disk: Option<FileSystem>, number: usize) -> Case {
        let moment = if scene.kind == Kind::Offline && number == 0 {
            Moment::Point("forgotten", 1)
        } else {
            draw_fitting(&mut self.moments, random, |moment| {
                senseless_moment(scene, moment, disk.is_some()).is_none()
            })
        };
        let moment = finer(moment, random);
        let target = draw_fitting(&mut self.targets, random, |target| {
            senseless_target(target, moment).is_none()
        });
        let count = self.again.draw(random);
        let again = (0..count).map(|_| {
            let moment = self.repairs.draw(random);
            finer(moment, random)
        });
        Case {
            scene: *scene,
            target,
            moment,
            again: again.collect(),
            around: self.around.draw(random),
            next: self.next.draw(random),
            disk,
            seed: random.up_to(1 << 20),
        }
    }
}

/// Values that do not fit go back.
fn draw_fitting<T: Copy>(deck: &mut Deck<T>, random: &mut Random, fits: impl Fn(T) -> bool) -> T {
    let mut unfit = Vec::new();
    let drawn = loop {
        let drawn = deck.draw(random);
        if fits(drawn) {
            break drawn;
        }
        unfit.push(drawn);
    };
    unfit.into_iter().for_each(|value| deck.put_back(value));
    drawn
}

/// Points that each package passes are not always the first package's.
fn finer(moment: Moment, random: &mut Random) -> Moment {
    match moment {
        Moment::Point(point @ ("install" | "installed" | "remove" | "removed"), _) => {
            Moment::Point(point, 1 + random.up_to(4))
        }
        Moment::Point(point @ "unpacked", _) => Moment::Point(point, 1 + random.up_to(8)),
        SOME_TIME => Moment::Time(random.up_to(1000)),
        other => other,
    }
}
