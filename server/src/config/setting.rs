//! What a setting is: one line of a table from which the flags, the help, the variables and the file's keys are made.

/// One setting, in the order of who wins: flag, variable, file, default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Its name in the file, with dots between tables.
    pub key: &'static str,
    /// Its flag, without the dashes.
    pub flag: &'static str,
    /// Its variables; the first that is set and not empty counts.
    pub variables: &'static [&'static str],
    /// What its value is, for the help; empty for a switch.
    pub value: &'static str,
    /// Its default as it would be written; empty for none.
    pub default: &'static str,
    /// What it does, in a sentence.
    pub help: &'static str,
}

impl Setting {
    /// Whether it is on or off and takes no value as a flag.
    pub fn is_switch(&self) -> bool {
        self.value.is_empty()
    }

    /// The help's text: what it does, and every way to set it.
    pub fn help_text(&self) -> String {
        let variables = self.variables.join(" or ");
        let default = if self.default.is_empty() || self.default.contains(' ') {
            String::new()
        } else {
            format!(", default: {}", self.default)
        };
        format!("{} [env: {variables}, file: {}{default}]", self.help, self.key)
    }
}
