//! Who may talk, and how much.
//!
//! A visitor is an address and, where it was proven, an identity: a static token, a session that a login began, or a
//! name that a trusted proxy vouches for. What a visitor has used is counted under both, by the minute, the day and the
//! month, in a store that is either this process or a Redis that several servers share; what would pass a limit is
//! refused with the reason and the time to come back. Calls that run past a limit are named so that they are hung up.
//!
//! Nothing here knows of routes: time is an argument, headers come in, and decisions go out.

mod audit;
mod cookie;
mod counters;
mod forwarded;
mod gate;
mod handle;
mod identity;
mod ledger;
mod money;
mod networks;
mod openid;
mod private;
mod quota;
mod random;
mod running;
mod seal;
mod secret;
mod session;
mod spending;
mod token;
mod totals;
mod visitor;

pub use audit::{Audit, Entry};
pub use cookie::Cookie;
pub use counters::{CounterError, Counters, Embedded, Hold, Holding, Place, Shared, Step, Taken};
pub use forwarded::{ForwardedBy, client_address};
pub use gate::{Gate, Lease, Overdrawn, Refusal, Rules};
pub use handle::{Granted, Handles};
pub use identity::{Identity, Way};
pub use money::Prices;
pub use networks::{NetworkError, Networks};
pub use openid::{Allowed, Began, LoginError, OpenId, OpenIdOptions, Returned};
pub use quota::{Quantity, Quota, Quotas, Scope};
pub use seal::Seal;
pub use secret::Secret;
pub use session::{Login, Proof, Session, Sessions};
pub use token::{TokenError, Tokens};
pub use totals::{TokenCounts, Totals};
pub use visitor::{Visitor, household};
