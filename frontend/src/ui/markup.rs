//! Lists from outside as plain data, and how they come to stand in the document.
//!
//! A component for every shape of row would cost code for each; this costs code once, and data for each. Elements that
//! fit stay where they are, so that focus, scroll and selection survive a change. Text only ever becomes text.

use wasm_bindgen::JsValue;
use web_sys::{Document, Element};

/// An element with either text or elements inside.
///
/// An element in the document is kept for one of the same name and as many attributes. So a tag of one place always
/// carries the same attributes, and always text or always elements.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tag {
    name: &'static str,
    attributes: Vec<(&'static str, String)>,
    text: String,
    inside: Vec<Tag>,
}

/// An element of this name and class.
#[inline(never)]
pub(super) fn tag(name: &'static str, class: &str) -> Tag {
    Tag { name, attributes: Vec::new(), text: String::new(), inside: Vec::new() }.with("class", class)
}

/// A button that does `action`; `of` is what it does it to.
pub(super) fn button(action: &'static str, label: &str, of: &str) -> Tag {
    tag("button", "quiet").with("type", "button").with("data-do", action).with("data-of", of).text(label)
}

/// A link that opens outside the page, where the address is one of the web; otherwise a plain element.
pub(super) fn link(class: &str, url: Option<&str>, title: &str) -> Tag {
    match url.filter(|url| is_web(url)) {
        Some(url) => outside(tag("a", class), url).text(title),
        None => tag("span", class).text(title),
    }
}

/// Makes a link of it that opens in a new tab and tells the other page nothing.
pub(super) fn outside(link: Tag, url: &str) -> Tag {
    link.with("href", url).with("target", "_blank").with("rel", "noopener noreferrer")
}

/// Whether an address may be followed.
pub(super) fn is_web(url: &str) -> bool {
    url.starts_with("https://") || url.starts_with("http://")
}

impl Tag {
    /// With an attribute.
    #[inline(never)]
    pub(super) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.attributes.push((name, value.to_owned()));
        self
    }

    /// With this name for tests.
    pub(super) fn named(self, testid: &'static str) -> Self {
        self.with("data-testid", testid)
    }

    /// With this text.
    #[inline(never)]
    pub(super) fn text(mut self, text: &str) -> Self {
        text.clone_into(&mut self.text);
        self
    }

    /// With these inside.
    #[inline(never)]
    pub(super) fn holds(mut self, inside: Vec<Tag>) -> Self {
        self.inside = inside;
        self
    }

    fn fits(&self, element: &Element) -> bool {
        element.local_name() == self.name && element.get_attribute_names().length() as usize == self.attributes.len()
    }

    fn fill(&self, element: &Element) -> Result<(), JsValue> {
        for (name, value) in &self.attributes {
            if element.get_attribute(name).as_ref() != Some(value) {
                element.set_attribute(name, value)?;
            }
        }
        if !self.inside.is_empty() {
            return fill(element, &self.inside);
        }
        if element.text_content().as_ref() != Some(&self.text) {
            element.set_text_content(Some(&self.text));
        }
        Ok(())
    }
}

/// Makes these the content of an element.
pub(super) fn draw(parent: &Element, tags: &[Tag]) {
    // A document that refuses an element is without it.
    drop(fill(parent, tags));
}

fn fill(parent: &Element, tags: &[Tag]) -> Result<(), JsValue> {
    let mut at = parent.first_element_child();
    for tag in tags {
        let element = match at {
            Some(old) if tag.fits(&old) => old,
            old => {
                let new = document().ok_or(JsValue::UNDEFINED)?.create_element(tag.name)?;
                match old {
                    Some(old) => old.replace_with_with_node_1(&new)?,
                    None => parent.append_with_node_1(&new)?,
                }
                new
            }
        };
        tag.fill(&element)?;
        at = element.next_element_sibling();
    }
    while let Some(rest) = at {
        at = rest.next_element_sibling();
        rest.remove();
    }
    Ok(())
}

fn document() -> Option<Document> {
    web_sys::window()?.document()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may fail by it")]
mod tests {
    use super::{Tag, document, draw, link, tag};
    use wasm_bindgen_test::wasm_bindgen_test as test;
    use web_sys::Element;

    fn list(words: &[&str]) -> Vec<Tag> {
        words.iter().map(|word| tag("li", "row").holds(vec![tag("b", "").text(word)])).collect()
    }

    fn place() -> Element {
        document().unwrap().create_element("ol").unwrap()
    }

    #[test]
    fn a_list_grows_and_shrinks_and_keeps_the_elements_that_fit() {
        let place = place();
        draw(&place, &list(&["one"]));
        let first = place.first_element_child().unwrap();
        draw(&place, &list(&["two", "three"]));
        assert_eq!(place.first_element_child().as_ref(), Some(&first));
        assert_eq!((place.child_element_count(), place.text_content()), (2, Some("twothree".to_owned())));
        draw(&place, &[]);
        assert_eq!(place.inner_html(), "");
    }

    #[test]
    fn an_element_of_another_kind_takes_the_place_of_the_old_one() {
        let place = place();
        draw(&place, &list(&["one", "two"]));
        draw(&place, &[tag("p", "").text("none"), tag("li", "row").text("left")]);
        assert_eq!(place.inner_html(), r#"<p class="">none</p><li class="row">left</li>"#);
    }

    #[test]
    fn text_from_outside_stays_text_and_only_the_web_is_linked() {
        let place = place();
        draw(&place, &list(&["<img src=x onerror=alert(1)>"]));
        assert_eq!(place.query_selector("img").unwrap(), None);
        assert_eq!(link("t", Some("javascript:alert(1)"), "x"), tag("span", "t").text("x"));
        draw(&place, &[link("t", Some("https://a.test/"), "x")]);
        let made = place.query_selector("a[target=_blank][rel='noopener noreferrer']").unwrap();
        assert_eq!(made.and_then(|made| made.get_attribute("href")).as_deref(), Some("https://a.test/"));
    }
}
