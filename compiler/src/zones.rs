//! Names of time zones, from the database compiled in.

use chainc_grammar::words;

/// Returns the name of a zone as the database writes it, or the name it resembles.
///
/// # Errors
///
/// The name is not in the database; holds the nearest one that is.
pub fn canonical(name: &str) -> Result<String, Option<String>> {
    if let Ok(zone) = jiff::tz::TimeZone::get(name)
        && let Some(known) = zone.iana_name()
    {
        return Ok(known.to_owned());
    }
    let names: Vec<String> = jiff::tz::db().available().map(|zone| zone.to_string()).collect();
    let wanted = name.to_lowercase().replace([' ', '-'], "_");
    let by_city = names
        .iter()
        .find(|zone| zone.to_lowercase().rsplit_once('/').is_some_and(|(_, city)| city == wanted));
    let suggestion = by_city
        .map(String::as_str)
        .or_else(|| words::nearest(name, names.iter().map(String::as_str)))
        .or_else(|| {
            let city = wanted.rsplit('/').next().unwrap_or_default().to_owned();
            let cities: Vec<&str> =
                names.iter().filter_map(|zone| zone.rsplit('/').next()).collect();
            let near = words::nearest(&city, cities.iter().copied())?;
            names.iter().map(String::as_str).find(|zone| zone.rsplit('/').next() == Some(near))
        });
    Err(suggestion.map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::canonical;

    #[test]
    fn zones_are_found_by_name_and_suggested_by_likeness_or_city() {
        assert_eq!(canonical("Asia/Yekaterinburg"), Ok("Asia/Yekaterinburg".to_owned()));
        let yekaterinburg = Err(Some("Asia/Yekaterinburg".to_owned()));
        assert_eq!(canonical("Asia/Ekaterinburg"), yekaterinburg);
        assert_eq!(canonical("Yekaterinburg"), yekaterinburg);
        assert_eq!(canonical("qqqqqqqqqqqqqq"), Err(None));
    }
}
