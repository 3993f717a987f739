//! Counting in a Redis that several servers share. What must not be torn apart is a script, which Redis runs as one.

use super::{CounterError, Counters, Place, Step, Taken};
use async_trait::async_trait;
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{AsyncCommands, Client, Script, TlsCertificates};
use std::fmt::{self, Debug, Formatter};
use std::time::Duration;

/// Counters in a Redis.
pub struct Shared {
    connection: ConnectionManager,
    take: Script,
    lease: Script,
}

impl Shared {
    /// Connects, and keeps connecting again when the connection is lost. Over TLS (`rediss://`) the certificate has to
    /// lead to `root`, in PEM, or to one that the system trusts.
    ///
    /// # Errors
    /// The address is none, nobody answers there, or the certificate is not trusted.
    pub async fn open(url: &str, root: Option<Vec<u8>>) -> Result<Self, CounterError> {
        let client = match root {
            root @ Some(_) => Client::build_with_tls(url, TlsCertificates { client_tls: None, root_cert: root })?,
            None => Client::open(url)?,
        };
        let config = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(PATIENCE))
            .set_response_timeout(Some(PATIENCE))
            .set_number_of_retries(3);
        let connection = ConnectionManager::new_with_config(client, config).await?;
        Ok(Self { connection, take: Script::new(TAKE), lease: Script::new(LEASE) })
    }
}

#[async_trait]
impl Counters for Shared {
    async fn take(&self, steps: &[Step], now: u64) -> Result<Taken, CounterError> {
        let mut script = self.take.prepare_invoke();
        for step in steps {
            script.key(named(&step.key));
            let ceiling = step.ceiling.and_then(|ceiling| i64::try_from(ceiling).ok()).unwrap_or(-1);
            script.arg(step.amount).arg(ceiling).arg(step.until.saturating_sub(now).max(1));
        }
        let mut answer: Vec<u64> = script.invoke_async(&mut self.connection.clone()).await?;
        let refused = if answer.is_empty() { 0 } else { answer.remove(0) };
        Ok(if refused == 0 { Taken::All(answer) } else { Taken::Refused(refused as usize - 1) })
    }

    async fn lease(&self, places: &[Place], member: &str, now: u64, until: u64) -> Result<Option<usize>, CounterError> {
        let mut script = self.lease.prepare_invoke();
        script.arg(member).arg(now).arg(until);
        for place in places {
            script.key(named(&place.key)).arg(place.seats);
        }
        let full: usize = script.invoke_async(&mut self.connection.clone()).await?;
        Ok(full.checked_sub(1))
    }

    async fn release(&self, places: &[Place], member: &str) -> Result<(), CounterError> {
        let mut pipe = redis::pipe();
        for place in places {
            pipe.zrem(named(&place.key), member).ignore();
        }
        Ok(pipe.query_async(&mut self.connection.clone()).await?)
    }

    async fn note(&self, key: &str, word: &str, now: u64, until: u64) -> Result<(), CounterError> {
        let seconds = until.saturating_sub(now).max(1);
        Ok(self.connection.clone().set_ex(named(key), word, seconds).await?)
    }

    async fn noted(&self, key: &str, _now: u64) -> Result<Option<String>, CounterError> {
        Ok(self.connection.clone().get(named(key)).await?)
    }

    async fn check(&self) -> Result<(), CounterError> {
        Ok(self.connection.clone().set_ex(named("check"), 1, 10).await?)
    }
}

impl Debug for Shared {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("Shared")
    }
}

/// The braces keep all keys on one node, so that a script may use several.
fn named(key: &str) -> String {
    format!("{{colloquy}}:{key}")
}

/// A request waits for this.
const PATIENCE: Duration = Duration::from_secs(2);

const TAKE: &str = "
local values = {0}
for i, key in ipairs(KEYS) do
  local value = tonumber(redis.call('GET', key) or '0') + tonumber(ARGV[3 * i - 2])
  local ceiling = tonumber(ARGV[3 * i - 1])
  if ceiling >= 0 and value > ceiling then return {i} end
  values[i + 1] = value
end
for i, key in ipairs(KEYS) do
  local amount = tonumber(ARGV[3 * i - 2])
  if amount > 0 then
    redis.call('INCRBY', key, ARGV[3 * i - 2])
    redis.call('EXPIRE', key, ARGV[3 * i])
  end
end
return values";

const LEASE: &str = "
local member, now, ends = ARGV[1], ARGV[2], ARGV[3]
for i, key in ipairs(KEYS) do
  redis.call('ZREMRANGEBYSCORE', key, '-inf', now)
  if not redis.call('ZSCORE', key, member) and redis.call('ZCARD', key) >= tonumber(ARGV[3 + i]) then return i end
end
for _, key in ipairs(KEYS) do
  redis.call('ZADD', key, ends, member)
  local last = redis.call('ZRANGE', key, -1, -1, 'WITHSCORES')[2]
  redis.call('EXPIRE', key, math.max(1, tonumber(last) - tonumber(now)))
end
return 0";
