//! How much may be used, by whom, in which time.

/// What is limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Quantity {
    /// Keys in a minute.
    Mints,
    /// Calls at one time.
    Calls,
    /// Look-ups in a minute.
    LookUps,
    /// Attempts to log in, in a minute.
    Logins,
    /// Time of calls in a day, in seconds.
    Time,
    /// Money in a day, in millionths.
    DayMoney,
    /// Money in a month, in millionths.
    MonthMoney,
}

impl Quantity {
    /// A stable word for programs.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Mints => "mints_per_minute",
            Self::Calls => "calls",
            Self::LookUps => "lookups_per_minute",
            Self::Logins => "logins_per_minute",
            Self::Time => "minutes_per_day",
            Self::DayMoney => "money_per_day",
            Self::MonthMoney => "money_per_month",
        }
    }

    /// How many of the unit that is counted are one of the unit that settings are written in.
    pub const fn unit(self) -> u32 {
        match self {
            Self::Mints | Self::Calls | Self::LookUps | Self::Logins => 1,
            Self::Time => 60,
            Self::DayMoney | Self::MonthMoney => 1_000_000,
        }
    }
}

/// Who is limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// A person.
    User,
    /// An address, or a network of IPv6.
    Address,
    /// Everybody together.
    All,
}

impl Scope {
    /// A stable word for programs.
    pub const fn word(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Address => "address",
            Self::All => "all",
        }
    }
}

/// How much of one quantity each may use. None is no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Quota {
    /// A person.
    pub user: Option<u64>,
    /// An address.
    pub address: Option<u64>,
    /// Everybody together.
    pub all: Option<u64>,
}

impl Quota {
    /// Reads a number for a person and an address each, or `user=…, address=…, all=…` with some of them; `off` and an
    /// empty text are no limit.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub fn parse(text: &str, quantity: Quantity) -> Result<Self, String> {
        let mut quota = Self::default();
        let text = text.trim();
        if text.is_empty() || text == "off" {
            return Ok(quota);
        }
        if !text.contains('=') {
            let number = number(text, quantity)?;
            return Ok(Self { user: Some(number), address: Some(number), all: None });
        }
        for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let (scope, value) = part.split_once('=').unwrap_or((part, ""));
            let value = Some(number(value.trim(), quantity)?);
            match scope.trim() {
                "user" => quota.user = value,
                "address" => quota.address = value,
                "all" => quota.all = value,
                other => return Err(format!("`{other}` is none of user, address and all")),
            }
        }
        Ok(quota)
    }

    /// The limit for one of them.
    pub const fn of(&self, scope: Scope) -> Option<u64> {
        match scope {
            Scope::User => self.user,
            Scope::Address => self.address,
            Scope::All => self.all,
        }
    }
}

fn number(text: &str, quantity: Quantity) -> Result<u64, String> {
    let wrong = || format!("`{text}` is no number of {}", quantity.word());
    let value: f64 = text.parse().map_err(|_| wrong())?;
    let whole = value * f64::from(quantity.unit());
    let fits = (0.0..=1e15).contains(&whole) && (quantity.unit() > 1 || whole.fract() == 0.0);
    if fits { Ok(whole.round() as u64) } else { Err(wrong()) }
}

/// How much of everything may be used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Quotas {
    /// Keys in a minute.
    pub mints: Quota,
    /// Calls at one time.
    pub calls: Quota,
    /// Look-ups in a minute.
    pub look_ups: Quota,
    /// Time of calls in a day, in seconds.
    pub time: Quota,
    /// Money in a day, in millionths.
    pub day_money: Quota,
    /// Money in a month, in millionths.
    pub month_money: Quota,
}

impl Quotas {
    pub(crate) const fn of(&self, quantity: Quantity) -> &Quota {
        match quantity {
            Quantity::Mints => &self.mints,
            Quantity::Calls => &self.calls,
            Quantity::LookUps => &self.look_ups,
            Quantity::Logins => &LOGINS,
            Quantity::Time => &self.time,
            Quantity::DayMoney => &self.day_money,
            Quantity::MonthMoney => &self.month_money,
        }
    }
}

/// Enough for an office behind one address, and too few to guess or to tire a provider. Each login takes two.
const LOGINS: Quota = Quota { user: None, address: Some(60), all: None };

#[cfg(test)]
mod tests {
    use super::{Quantity, Quota};

    #[test]
    fn one_number_is_for_a_person_and_an_address_and_names_are_for_each() {
        let both = Quota::parse("30", Quantity::Mints).expect("a quota");
        assert_eq!(both, Quota { user: Some(30), address: Some(30), all: None });
        let each = Quota::parse("user=1.5, all=20", Quantity::DayMoney).expect("a quota");
        assert_eq!(each, Quota { user: Some(1_500_000), address: None, all: Some(20_000_000) });
        assert_eq!(Quota::parse("2", Quantity::Time).expect("a quota").user, Some(120));
        assert_eq!(Quota::parse("off", Quantity::Time).expect("a quota"), Quota::default());
    }

    #[test]
    fn what_is_no_number_or_nobody_is_refused() {
        for wrong in ["-1", "1.5", "many", "NaN", "inf", "guest=3", "user", "user="] {
            assert!(Quota::parse(wrong, Quantity::Mints).is_err(), "{wrong}");
        }
    }
}
