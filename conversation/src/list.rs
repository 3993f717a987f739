//! A list whose copies are cheap: what a [`crate::View`] holds of the transcript and the log.
//!
//! The core changes its own list while the page still holds the one before. Elements are shared, so that a change
//! copies one element and a counted pointer for each of the others: a few thousand, at the length of a long talk.

use std::sync::Arc;

/// Elements in order; cloning shares them.
#[derive(Clone, Debug)]
pub struct List<T> {
    elements: Arc<Vec<Arc<T>>>,
}

impl<T> List<T> {
    /// How many elements there are.
    pub fn len(&self) -> usize {
        self.elements.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.elements.is_empty()
    }

    /// The elements from first to last.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.shared().map(AsRef::as_ref)
    }

    /// The elements from first to last, each to be kept without copying it.
    pub fn shared(&self) -> impl DoubleEndedIterator<Item = &Arc<T>> {
        self.elements.iter()
    }

    /// The first element.
    pub fn first(&self) -> Option<&T> {
        self.iter().next()
    }

    /// The last element.
    pub fn last(&self) -> Option<&T> {
        self.iter().next_back()
    }

    /// The element at `index`, counted from 0.
    pub fn get(&self, index: usize) -> Option<&T> {
        self.elements.get(index).map(AsRef::as_ref)
    }
}

impl<T: Clone> List<T> {
    /// Appends an element.
    pub(crate) fn push(&mut self, element: T) {
        Arc::make_mut(&mut self.elements).push(Arc::new(element));
    }

    /// Puts an element before the one at `index`, or at the end.
    pub(crate) fn insert(&mut self, index: usize, element: T) {
        let at = index.min(self.len());
        Arc::make_mut(&mut self.elements).insert(at, Arc::new(element));
    }

    /// Takes an element out.
    pub(crate) fn remove(&mut self, index: usize) -> Option<Arc<T>> {
        (index < self.len()).then(|| Arc::make_mut(&mut self.elements).remove(index))
    }

    /// The element at `index`, to be changed; copies that exist keep the old one.
    pub(crate) fn get_mut(&mut self, index: usize) -> Option<&mut T> {
        Arc::make_mut(&mut self.elements).get_mut(index).map(Arc::make_mut)
    }
}

impl<T> Default for List<T> {
    fn default() -> Self {
        Self { elements: Arc::default() }
    }
}

impl<T> FromIterator<T> for List<T> {
    fn from_iter<I: IntoIterator<Item = T>>(elements: I) -> Self {
        Self { elements: Arc::new(elements.into_iter().map(Arc::new).collect()) }
    }
}

impl<T: PartialEq> PartialEq for List<T> {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.elements, &other.elements)
            || (self.len() == other.len()
                && self.shared().zip(other.shared()).all(|(a, b)| Arc::ptr_eq(a, b) || a == b))
    }
}

impl<T: Eq> Eq for List<T> {}

#[cfg(test)]
mod tests {
    use super::List;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn list(numbers: impl IntoIterator<Item = u32>) -> List<u32> {
        numbers.into_iter().collect()
    }

    #[test]
    fn a_copy_keeps_what_it_had() {
        let mut now = list(0..100);
        let before = now.clone();
        if let Some(last) = now.get_mut(99) {
            *last = 1000;
        }
        now.push(7);
        assert_eq!((before.len(), before.last()), (100, Some(&99)));
        assert_eq!((now.get(99), now.last()), (Some(&1000), Some(&7)));
        assert_ne!(now, before);
    }

    #[test]
    fn it_behaves_like_a_vector() {
        let mut ours = list([]);
        let mut model = Vec::new();
        for step in 0..2000_u32 {
            let at = (step as usize * 7919) % (model.len() + 1);
            if step % 3 == 2 && at < model.len() {
                assert_eq!(ours.remove(at).as_deref(), Some(&model.remove(at)));
            } else {
                ours.insert(at, step);
                model.insert(at, step);
            }
            assert_eq!(ours.get(at), model.get(at));
        }
        assert!(ours.iter().eq(model.iter()) && ours.iter().rev().eq(model.iter().rev()));
        assert_eq!(ours.get(ours.len()), None);
    }

    #[test]
    fn equal_lists_are_equal_however_they_were_made() {
        let mut other = list(1..40);
        other.insert(0, 0);
        assert_eq!(other, list(0..40));
    }
}
