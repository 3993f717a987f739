//! What is counted, under whose name, and for how long.

use crate::{Quantity, Quotas, Refusal, Scope, Step, Visitor};
use std::ops::AddAssign;

/// What went by while a call went on.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Spent {
    pub(crate) seconds: u64,
    /// Of money.
    pub(crate) millionths: u64,
}

impl Spent {
    /// The quantities that it is counted as.
    pub(crate) const QUANTITIES: [Quantity; 3] = [Quantity::Time, Quantity::DayMoney, Quantity::MonthMoney];

    pub(crate) const fn of(self, quantity: Quantity) -> u64 {
        match quantity {
            Quantity::Time => self.seconds,
            Quantity::DayMoney | Quantity::MonthMoney => self.millionths,
            Quantity::Mints | Quantity::Calls | Quantity::LookUps | Quantity::Logins => 0,
        }
    }
}

impl AddAssign for Spent {
    fn add_assign(&mut self, more: Self) {
        self.seconds = self.seconds.saturating_add(more.seconds);
        self.millionths = self.millionths.saturating_add(more.millionths);
    }
}

/// A limit that something is counted against.
pub(crate) struct Limit {
    quantity: Quantity,
    scope: Scope,
    pub(crate) most: u64,
    retry_after: u64,
}

impl Limit {
    pub(crate) const fn refusal(&self) -> Refusal {
        Refusal::Limit { quantity: self.quantity, scope: self.scope, retry_after: self.retry_after }
    }
}

/// The limits that some quantities have, and for each of them what is to be added to which counter.
pub(crate) fn limits(
    quotas: &Quotas,
    scopes: &[(Scope, String)],
    amounts: impl IntoIterator<Item = (Quantity, u64)>,
    now: u64,
) -> (Vec<Limit>, Vec<Step>) {
    let of = |(quantity, amount)| {
        let (number, until) = period(quantity, now);
        scopes.iter().filter_map(move |&(scope, ref name)| {
            let limit = Limit { quantity, scope, most: quotas.of(quantity).of(scope)?, retry_after: until - now };
            let key = format!("{}:{number}:{name}", quantity.word());
            Some((limit, Step { key, amount, ceiling: None, until }))
        })
    };
    amounts.into_iter().flat_map(of).unzip()
}

/// What a visitor is counted under, the narrowest first.
pub(crate) fn scopes(visitor: &Visitor) -> Vec<(Scope, String)> {
    let user = visitor.identity.as_ref().map(|identity| (Scope::User, format!("user:{identity}")));
    let others = [(Scope::Address, format!("address:{}", visitor.household())), (Scope::All, "all".to_owned())];
    user.into_iter().chain(others).collect()
}

/// Which minute, day or month it is, and when it is over. All are those of UTC.
fn period(quantity: Quantity, now: u64) -> (u64, u64) {
    let of = |seconds: u64| (now / seconds, (now / seconds + 1) * seconds);
    match quantity {
        Quantity::Mints | Quantity::LookUps | Quantity::Calls | Quantity::Logins => of(60),
        Quantity::Time | Quantity::DayMoney => of(DAY),
        Quantity::MonthMoney => month(now).unwrap_or_else(|| of(30 * DAY)),
    }
}

fn month(now: u64) -> Option<(u64, u64)> {
    let at = jiff::Timestamp::from_second(i64::try_from(now).ok()?).ok()?;
    let date = at.to_zoned(jiff::tz::TimeZone::UTC).date();
    let next = date.first_of_month().checked_add(jiff::Span::new().months(1)).ok()?;
    let over = next.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_second();
    let number = u64::try_from(i64::from(date.year()) * 12 + i64::from(date.month())).ok()?;
    Some((number, u64::try_from(over).ok()?))
}

const DAY: u64 = 86_400;
