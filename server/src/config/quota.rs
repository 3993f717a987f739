//! How much may be used, and where it is counted.

use super::{ConfigError, Setting, Sources};
use admission::{Prices, Quantity, Quota, Quotas, Rules, Shared};
use std::path::{Path, PathBuf};

/// How much may be used, and where it is counted.
#[derive(Clone, Debug)]
pub struct QuotaChoice {
    /// The limits, the prices and the kill switch.
    pub rules: Rules,
    /// `quota.store`: where it is counted.
    pub store: QuotaStore,
}

/// Where it is counted.
#[derive(Clone, Debug)]
pub enum QuotaStore {
    /// In this process, forgotten when it ends.
    Memory,
    /// In this process, and what lasts in a file.
    File(PathBuf),
    /// In a Redis that several servers share.
    Redis {
        /// Where it is.
        address: RedisAddress,
        /// What its certificate has to lead to, in PEM, where that is none that the system trusts.
        root: Option<Vec<u8>>,
    },
}

/// The address of a Redis, which does not print.
#[derive(Clone)]
pub struct RedisAddress(String);

impl RedisAddress {
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for RedisAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RedisAddress(hidden)")
    }
}

impl QuotaChoice {
    pub(super) const SETTINGS: &[Setting] =
        &[MINTS, CALLS, LOOK_UPS, MINUTES, DAY_MONEY, MONTH_MONEY, PRICES, STORE, STORE_CA, CLOSED, CLOSED_FILE];

    /// `beyond` is whether others can reach the server: then limits hold that nobody has set.
    pub(super) fn read(from: &Sources, beyond: bool) -> Result<Self, ConfigError> {
        let quota = |setting: &Setting, quantity, usual: &str| {
            let usual = if beyond { usual } else { "" };
            let text = from.given(setting).unwrap_or(usual);
            Quota::parse(text, quantity).map_err(|problem| from.invalid(setting, problem))
        };
        let quotas = Quotas {
            mints: quota(&MINTS, Quantity::Mints, "user=20, address=60")?,
            calls: quota(&CALLS, Quantity::Calls, "user=3, address=12")?,
            look_ups: quota(&LOOK_UPS, Quantity::LookUps, "user=240, address=960")?,
            time: quota(&MINUTES, Quantity::Time, "user=240, address=960")?,
            day_money: quota(&DAY_MONEY, Quantity::DayMoney, "user=10, all=100")?,
            month_money: quota(&MONTH_MONEY, Quantity::MonthMoney, "all=1000")?,
        };
        let usual = Prices::default().with(PRICES.default);
        let prices = usual.and_then(|usual| usual.with(from.text(&PRICES)));
        let prices = prices.map_err(|problem| from.invalid(&PRICES, problem))?;
        let closed_by = from.path(&CLOSED_FILE);
        let rules = Rules { quotas, prices, closed: from.switch(&CLOSED)?, closed_by };
        let shared = |url: &str| ["redis://", "rediss://", "unix://"].iter().any(|scheme| url.starts_with(scheme));
        let root = from.contents(&STORE_CA)?;
        if root.as_ref().is_some_and(|text| !text.contains("-----BEGIN CERTIFICATE-----")) {
            return Err(from.invalid(&STORE_CA, "the file holds no certificate in PEM"));
        }
        let store = match from.text(&STORE).trim() {
            url if root.is_some() && !url.starts_with("rediss://") => {
                return Err(
                    from.invalid(&STORE_CA, "quota.store is no rediss:// address, which alone is spoken to by TLS")
                );
            }
            ":memory:" => QuotaStore::Memory,
            url if shared(url) && Shared::is_address(url) => {
                QuotaStore::Redis { address: RedisAddress(url.to_owned()), root: root.map(String::into_bytes) }
            }
            // Not repeated: a password may be in it.
            url if url.contains("://") => {
                return Err(
                    from.invalid(&STORE, "it is no address such as redis://HOST, rediss://HOST or unix:///PATH")
                );
            }
            path => QuotaStore::File(from.located(&STORE, path)),
        };
        Ok(Self { rules, store })
    }

    /// What is no fault, but surely not meant, if anything is: a file to close the server with that nobody can put there,
    /// or that the server cannot see.
    pub(super) fn warning(&self) -> Option<String> {
        let file = self.rules.closed_by.as_deref()?;
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let problem = match (file.try_exists(), folder.is_dir()) {
            (Err(error), _) => format!("{}: {error}, so the server counts as closed", file.display()),
            (Ok(_), false) => {
                format!("{} is not there, so nobody can close the server by a file in it", folder.display())
            }
            (Ok(_), true) => return None,
        };
        Some(format!("{}: {problem}", CLOSED_FILE.key))
    }
}

const MINTS: Setting = Setting {
    key: "quota.mints_per_minute",
    flag: "quota-mints",
    variables: &["COLLOQUY_QUOTA_MINTS"],
    value: "NUMBERS",
    default: "",
    help: "How many keys may be asked for in a minute: one number for each person and each address, or user=20, \
           address=60, all=500 with some of them, or off; beyond this machine user=20, address=60 unless it is said",
};
const CALLS: Setting = Setting {
    key: "quota.calls",
    flag: "quota-calls",
    variables: &["COLLOQUY_QUOTA_CALLS"],
    value: "NUMBERS",
    default: "",
    help: "How many calls may go on at one time, written the same; beyond this machine user=3, address=12 unless it is said",
};
const LOOK_UPS: Setting = Setting {
    key: "quota.lookups_per_minute",
    flag: "quota-lookups",
    variables: &["COLLOQUY_QUOTA_LOOKUPS"],
    value: "NUMBERS",
    default: "",
    help: "How many look-ups may be asked for in a minute, what the memory is told counted with them, written the same; \
           beyond this machine user=240, address=960 unless it is said",
};
const MINUTES: Setting = Setting {
    key: "quota.minutes_per_day",
    flag: "quota-minutes",
    variables: &["COLLOQUY_QUOTA_MINUTES"],
    value: "NUMBERS",
    default: "",
    help: "How many minutes of calls a day may have, written the same; beyond this machine user=240, address=960 unless it \
           is said",
};
const DAY_MONEY: Setting = Setting {
    key: "quota.money_per_day",
    flag: "quota-money-day",
    variables: &["COLLOQUY_QUOTA_MONEY_DAY"],
    value: "NUMBERS",
    default: "",
    help: "How much a day may cost, in dollars, written the same; beyond this machine user=10, all=100 unless it is said",
};
const MONTH_MONEY: Setting = Setting {
    key: "quota.money_per_month",
    flag: "quota-money-month",
    variables: &["COLLOQUY_QUOTA_MONEY_MONTH"],
    value: "NUMBERS",
    default: "",
    help: "How much a month may cost, in dollars, written the same; beyond this machine all=1000 unless it is said",
};
const PRICES: Setting = Setting {
    key: "quota.prices",
    flag: "quota-prices",
    variables: &["COLLOQUY_QUOTA_PRICES"],
    value: "PRICES",
    default: "text_in=4, text_cached=0.4, audio_in=32, audio_cached=0.4, image_in=5, text_out=16, audio_out=64, \
              transcript_in=6, transcript_out=10, transcript_minute=0.006",
    help: "What a million tokens of each kind cost, and a minute where that is said, in dollars; what is not \
           named keeps its price; the vendor's price list is what counts",
};
const STORE: Setting = Setting {
    key: "quota.store",
    flag: "quota-store",
    variables: &["COLLOQUY_QUOTA_STORE"],
    value: "PLACE",
    default: ":memory:",
    help: "Where it is counted: a file, so that a restart does not forget days and months; redis://…, or rediss://… over \
           TLS, so that several servers count together; or :memory:",
};
const STORE_CA: Setting = Setting {
    key: "quota.store_ca",
    flag: "quota-store-ca",
    variables: &["COLLOQUY_QUOTA_STORE_CA"],
    value: "FILE",
    default: "",
    help: "The root, in PEM, that the certificate of a rediss:// store leads to, if the system does not trust it",
};
const CLOSED: Setting = Setting {
    key: "quota.closed",
    flag: "quota-closed",
    variables: &["COLLOQUY_QUOTA_CLOSED"],
    value: "",
    default: "false",
    help: "Closes the server for everybody: no more keys and calls, and calls that go on are hung up at once; taken over on \
           SIGHUP",
};
const CLOSED_FILE: Setting = Setting {
    key: "quota.closed_file",
    flag: "quota-closed-file",
    variables: &["COLLOQUY_QUOTA_CLOSED_FILE"],
    value: "FILE",
    default: "",
    help: "A file that closes the server in the same way for as long as it is there, without a signal: touch it to close",
};
