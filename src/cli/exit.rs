use std::process::ExitCode;

/// How a command ends. The numbers are part of the interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// 0: everything is as it should be.
    Fine,
    /// 1: the program or an input has errors, or results cannot be written.
    Errors,
    /// 2: the command was not understood.
    Usage,
    /// 3: an expectation failed, `verify` found a difference, or `fmt --check` a file that is not in the style.
    Failed,
    /// 101: a fault in plast.
    Internal,
    /// 130: interrupted.
    Interrupted,
}

impl Exit {
    /// Its number.
    pub fn number(self) -> u8 {
        match self {
            Exit::Fine => 0,
            Exit::Errors => 1,
            Exit::Usage => 2,
            Exit::Failed => 3,
            Exit::Internal => 101,
            Exit::Interrupted => 130,
        }
    }

    /// The end of two commands one after the other: an interrupt or an error counts more than a failure.
    pub fn and(self, other: Exit) -> Exit {
        let rank = |e: Exit| match e {
            Exit::Fine => 0,
            Exit::Failed => 1,
            Exit::Errors => 2,
            Exit::Usage => 3,
            Exit::Interrupted => 4,
            Exit::Internal => 5,
        };
        if rank(other) > rank(self) { other } else { self }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit.number())
    }
}
