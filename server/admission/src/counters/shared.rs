//! Counting in a Redis that several servers share. What must not be torn apart is a script, which Redis runs as one.

use super::{CounterError, Counters, Hold, Holding, Place, Step, Taken};
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
    hold: Script,
    take_up: Script,
    end: Script,
}

impl Shared {
    /// Whether a text is the address of a Redis.
    pub fn is_address(url: &str) -> bool {
        Client::open(url).is_ok()
    }

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
        Ok(Self {
            connection,
            take: Script::new(TAKE),
            lease: Script::new(LEASE),
            hold: Script::new(HOLD),
            take_up: Script::new(TAKE_UP),
            end: Script::new(END),
        })
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

    async fn keep(&self, call: &str, word: &str, hold: &Hold<'_>) -> Result<(), CounterError> {
        let kept = format!("{} {word}", hold.holder);
        let mut pipe = redis::pipe();
        pipe.atomic().hset(named(CALLS), call, kept).ignore().zadd(named(HELD), call, hold.until).ignore();
        Ok(pipe.query_async(&mut self.connection.clone()).await?)
    }

    async fn hold(&self, calls: &[&str], hold: &Hold<'_>) -> Result<Vec<Holding>, CounterError> {
        let mut script = self.hold.key(named(CALLS));
        script.key(named(HELD)).arg(hold.holder).arg(hold.until).arg(calls);
        let answer: Vec<u8> = script.invoke_async(&mut self.connection.clone()).await?;
        let holding = |number| match number {
            0 => Holding::Gone,
            1 => Holding::Ours,
            _ => Holding::Unknown,
        };
        Ok(answer.into_iter().map(holding).collect())
    }

    async fn take_up(&self, now: u64, hold: &Hold<'_>) -> Result<Vec<(String, String)>, CounterError> {
        let mut script = self.take_up.key(named(CALLS));
        script.key(named(HELD)).arg(hold.holder).arg(hold.until).arg(now);
        Ok(script.invoke_async(&mut self.connection.clone()).await?)
    }

    async fn end(&self, call: &str, hold: &Hold<'_>) -> Result<Option<String>, CounterError> {
        let mut script = self.end.key(named(CALLS));
        script.key(named(HELD)).arg(hold.holder).arg(call);
        Ok(script.invoke_async(&mut self.connection.clone()).await?)
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

/// A hash of the calls that go on: the holder, a blank and the word, or an empty text for one that has ended and of which
/// the holder does not know that yet.
const CALLS: &str = "going";

/// The same calls, sorted by how long they are held.
const HELD: &str = "held";

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

const HOLD: &str = "
local answer = {}
for i = 3, #ARGV do
  local kept = redis.call('HGET', KEYS[1], ARGV[i])
  if not kept then
    answer[i - 2] = 2
  elseif string.sub(kept, 1, #ARGV[1] + 1) == ARGV[1] .. ' ' then
    redis.call('ZADD', KEYS[2], ARGV[2], ARGV[i])
    answer[i - 2] = 1
  else
    if kept == '' then
      redis.call('HDEL', KEYS[1], ARGV[i])
      redis.call('ZREM', KEYS[2], ARGV[i])
    end
    answer[i - 2] = 0
  end
end
return answer";

const TAKE_UP: &str = "
local answer = {}
for _, call in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', ARGV[3])) do
  local kept = redis.call('HGET', KEYS[1], call)
  if kept and kept ~= '' then
    local word = string.sub(kept, string.find(kept, ' ') + 1)
    redis.call('HSET', KEYS[1], call, ARGV[1] .. ' ' .. word)
    redis.call('ZADD', KEYS[2], ARGV[2], call)
    answer[#answer + 1] = {call, word}
  else
    redis.call('HDEL', KEYS[1], call)
    redis.call('ZREM', KEYS[2], call)
  end
end
return answer";

const END: &str = "
local kept = redis.call('HGET', KEYS[1], ARGV[2])
if not kept or kept == '' then return false end
if string.sub(kept, 1, #ARGV[1] + 1) == ARGV[1] .. ' ' then
  redis.call('HDEL', KEYS[1], ARGV[2])
  redis.call('ZREM', KEYS[2], ARGV[2])
else
  redis.call('HSET', KEYS[1], ARGV[2], '')
end
return string.sub(kept, string.find(kept, ' ') + 1)";
