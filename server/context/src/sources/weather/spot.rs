//! Places as the service of names knows them.

use reqwest::{Url, header::HeaderMap};
use serde::Deserialize;

use super::Home;
use crate::{Http, Media, SourceError, language::fold, place::Place, template::encode_url};

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Spot {
    pub(super) name: String,
    pub(super) latitude: f64,
    pub(super) longitude: f64,
    #[serde(default)]
    pub(super) country: Option<String>,
    #[serde(default)]
    country_code: Option<String>,
    #[serde(default)]
    pub(super) admin1: Option<String>,
    #[serde(default)]
    admin2: Option<String>,
    #[serde(default)]
    pub(super) timezone: Option<String>,
    #[serde(default)]
    pub(super) population: Option<u64>,
    #[serde(default)]
    pub(super) elevation: Option<f64>,
    /// The GeoNames code of what it is: `PPL…` for where people live, `ADM…` for regions, `PCL…` for countries.
    #[serde(default)]
    feature_code: Option<String>,
    /// There are others of this name.
    #[serde(skip)]
    ambiguous: bool,
}

impl Spot {
    fn is_region(&self) -> bool {
        self.feature_code.as_deref().is_some_and(|code| code.starts_with("ADM") || code.starts_with("PCL"))
    }

    /// With its country, and with its state where there are others of its name.
    pub(super) fn called(&self) -> String {
        let state = self.admin1.as_deref().filter(|state| self.ambiguous && *state != self.name);
        let country = self.country.as_deref().filter(|country| *country != self.name);
        [Some(self.name.as_str()), state, country].into_iter().flatten().collect::<Vec<_>>().join(", ")
    }

    fn lies_in(&self, wanted: &Wanted) -> bool {
        let (code, country) = (self.country_code.as_deref(), self.country.as_deref());
        wanted
            .place
            .regions
            .iter()
            .all(|meanings| meanings.iter().any(|region| region.holds(code, country, self.admin1.as_deref())))
            && wanted.within.iter().all(|name| {
                let own = [code, country, self.admin1.as_deref(), self.admin2.as_deref()];
                own.into_iter().flatten().any(|own| fold(own) == *name)
            })
    }
}

impl From<&Home> for Spot {
    fn from(home: &Home) -> Self {
        Self {
            name: home.name.clone(),
            latitude: home.latitude,
            longitude: home.longitude,
            country: None,
            country_code: None,
            admin1: None,
            admin2: None,
            timezone: None,
            population: None,
            elevation: None,
            feature_code: None,
            ambiguous: false,
        }
    }
}

/// What a place that is looked for must lie in.
struct Wanted {
    place: Place,
    /// What stands behind the town and is in no list of ours, folded.
    within: Vec<String>,
}

/// Looks a place up. Of an address it is the town: the last part that is one. **What lies in another state or country
/// than was said is another place**, and not found.
pub(super) async fn find(http: &Http, base: &str, named: &str) -> Result<Option<Spot>, SourceError> {
    let mut wanted = Wanted { place: Place::read(named), within: Vec::new() };
    let parts = wanted.place.parts.clone();
    for part in parts.iter().rev().take(MOST_PARTS) {
        let spots = geocode(http, base, part).await?;
        let is_region = parts.len() > 1 && spots.first().is_some_and(Spot::is_region);
        if let Some(spot) = spots.into_iter().find(|spot| spot.lies_in(&wanted)).filter(|_| !is_region) {
            return Ok(Some(spot));
        }
        wanted.within.push(fold(part));
    }
    Ok(None)
}

async fn geocode(http: &Http, base: &str, name: &str) -> Result<Vec<Spot>, SourceError> {
    let base = base.trim_end_matches('/');
    let url = format!("{base}/v1/search?name={}&count={MOST_SPOTS}&language=en&format=json", encode_url(name));
    let url = Url::parse(&url).map_err(|_| SourceError::Forbidden)?;
    let places: Places = http.get(url, &HeaderMap::new(), Media::Json).await?.json()?;
    let names: Vec<String> = places.results.iter().map(|spot| fold(&spot.name)).collect();
    let mut spots = places.results;
    for (spot, name) in spots.iter_mut().zip(&names) {
        spot.ambiguous = names.iter().filter(|other| *other == name).count() > 1;
    }
    Ok(spots)
}

#[derive(Deserialize)]
struct Places {
    #[serde(default)]
    results: Vec<Spot>,
}

const MOST_PARTS: usize = 4;
/// Enough to find the town of a name in the state that was said.
const MOST_SPOTS: u8 = 20;
