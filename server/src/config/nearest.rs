//! What may have been meant by a name that is no setting's.

use super::Setting;
use strsim::damerau_levenshtein;

/// What to add to an error about a key that is no setting: the nearest one, or where to look.
pub(super) fn nearest(name: &str, known: &[Setting]) -> String {
    // A preset has the settings of [session] under its own name.
    let of_preset = name.strip_prefix("presets.").and_then(|rest| rest.split_once('.'));
    let (table, sought) = match of_preset {
        Some((preset, key)) => (format!("presets.{preset}"), format!("session.{key}")),
        None => (String::new(), name.to_owned()),
    };
    let keys = known.iter().map(|setting| setting.key).filter(|key| of_preset.is_none() || key.starts_with("session."));
    let distance = |key: &str| {
        if last(key) == last(&sought) {
            return 0;
        }
        damerau_levenshtein(key, &sought).min(damerau_levenshtein(last(key), last(&sought)) + 1)
    };
    let best = keys
        .map(|key| (distance(key), key))
        .min_by_key(|(distance, _)| *distance)
        .filter(|(distance, _)| *distance <= farthest(&sought));
    match best {
        Some((_, key)) if table.is_empty() => format!("; did you mean `{key}`?"),
        Some((_, key)) => format!("; did you mean `{table}.{}`?", last(key)),
        None => NOWHERE_NEAR.to_owned(),
    }
}

/// What to add to an error about a variable that is no setting's: the nearest one, or where to look.
pub(super) fn nearest_variable(name: &str, known: &[Setting]) -> String {
    let all = known.iter().flat_map(|setting| setting.variables);
    match all.map(|variable| (damerau_levenshtein(variable, name), variable)).min() {
        Some((far, variable)) if far <= 3 => format!("; did you mean `{variable}`?"),
        _ => NOWHERE_NEAR.to_owned(),
    }
}

fn last(key: &str) -> &str {
    key.rsplit('.').next().unwrap_or_default()
}

/// How many letters may differ for a name to be a likely slip.
fn farthest(name: &str) -> usize {
    (last(name).len() / 3).max(2) + 1
}

const NOWHERE_NEAR: &str = "; colloquy --help lists all settings";
