//! A list whose copies are cheap: what a [`crate::View`] holds of the transcript and the log.
//!
//! The core changes its own list while the page still holds the one before. Elements are shared in small chunks, so
//! that a change copies one element and a few counted pointers, whatever the length.

use std::slice;
use std::sync::Arc;

/// Elements in order; cloning shares them.
#[derive(Clone, Debug)]
pub struct List<T> {
    chunks: Arc<Vec<Chunk<T>>>,
    len: usize,
}

type Chunk<T> = Arc<Vec<Arc<T>>>;

impl<T> List<T> {
    /// How many elements there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The elements from first to last.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.shared().map(AsRef::as_ref)
    }

    /// The elements from first to last, each to be kept without copying it.
    pub fn shared(&self) -> impl DoubleEndedIterator<Item = &Arc<T>> {
        Elements { chunks: self.chunks.iter(), front: [].iter(), back: [].iter() }
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
        let (chunk, at) = self.find(index)?;
        Some(self.chunks.get(chunk)?.get(at)?.as_ref())
    }

    fn find(&self, index: usize) -> Option<(usize, usize)> {
        let mut left = self.len.checked_sub(index.checked_add(1)?)?;
        for (number, chunk) in self.chunks.iter().enumerate().rev() {
            match chunk.len().checked_sub(left + 1) {
                Some(at) => return Some((number, at)),
                None => left -= chunk.len(),
            }
        }
        None
    }
}

/// The elements of a list, from both ends. Its code is shared by everybody who looks through a list, which that of
/// `flat_map` would not be.
struct Elements<'a, T> {
    chunks: slice::Iter<'a, Chunk<T>>,
    front: slice::Iter<'a, Arc<T>>,
    back: slice::Iter<'a, Arc<T>>,
}

impl<'a, T> Iterator for Elements<'a, T> {
    type Item = &'a Arc<T>;

    #[inline(never)]
    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let next = self.front.next();
            if next.is_some() {
                return next;
            }
            match self.chunks.next() {
                Some(chunk) => self.front = chunk.iter(),
                None => return self.back.next(),
            }
        }
    }
}

impl<T> DoubleEndedIterator for Elements<'_, T> {
    #[inline(never)]
    fn next_back(&mut self) -> Option<Self::Item> {
        loop {
            let next = self.back.next_back();
            if next.is_some() {
                return next;
            }
            match self.chunks.next_back() {
                Some(chunk) => self.back = chunk.iter(),
                None => return self.front.next_back(),
            }
        }
    }
}

impl<T: Clone> List<T> {
    /// Appends an element.
    pub(crate) fn push(&mut self, element: T) {
        self.len += 1;
        let chunks = Arc::make_mut(&mut self.chunks);
        match chunks.last_mut() {
            Some(last) if last.len() < CHUNK => Arc::make_mut(last).push(Arc::new(element)),
            _ => chunks.push(Arc::new(vec![Arc::new(element)])),
        }
    }

    /// Puts an element before the one at `index`, or at the end.
    pub(crate) fn insert(&mut self, index: usize, element: T) {
        let Some((number, at)) = self.find(index) else { return self.push(element) };
        self.len += 1;
        let chunks = Arc::make_mut(&mut self.chunks);
        let chunk = Arc::make_mut(&mut chunks[number]);
        chunk.insert(at, Arc::new(element));
        if chunk.len() > 2 * CHUNK {
            let rest = chunk.split_off(CHUNK);
            chunks.insert(number + 1, Arc::new(rest));
        }
    }

    /// Takes an element out.
    pub(crate) fn remove(&mut self, index: usize) -> Option<Arc<T>> {
        let (number, at) = self.find(index)?;
        self.len -= 1;
        let chunks = Arc::make_mut(&mut self.chunks);
        let chunk = Arc::make_mut(&mut chunks[number]);
        let element = chunk.remove(at);
        if chunk.is_empty() {
            chunks.remove(number);
        }
        Some(element)
    }

    /// The element at `index`, to be changed; copies that exist keep the old one.
    pub(crate) fn get_mut(&mut self, index: usize) -> Option<&mut T> {
        let (number, at) = self.find(index)?;
        let chunks = Arc::make_mut(&mut self.chunks);
        Some(Arc::make_mut(&mut Arc::make_mut(&mut chunks[number])[at]))
    }
}

impl<T: Clone> FromIterator<T> for List<T> {
    fn from_iter<I: IntoIterator<Item = T>>(elements: I) -> Self {
        let mut list = Self::default();
        elements.into_iter().for_each(|element| list.push(element));
        list
    }
}

impl<T> Default for List<T> {
    fn default() -> Self {
        Self { chunks: Arc::default(), len: 0 }
    }
}

impl<T: PartialEq> PartialEq for List<T> {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.chunks, &other.chunks)
            || (self.len == other.len && self.shared().zip(other.shared()).all(|(a, b)| Arc::ptr_eq(a, b) || a == b))
    }
}

impl<T: Eq> Eq for List<T> {}

/// Elements of a chunk when it is filled from the end.
const CHUNK: usize = 16;

#[cfg(test)]
mod tests {
    use super::List;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn list(numbers: impl IntoIterator<Item = u32>) -> List<u32> {
        let mut list = List::default();
        numbers.into_iter().for_each(|number| list.push(number));
        list
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
    fn both_ends_meet_in_the_middle() {
        for length in [0, 1, 33, 100] {
            let list = list(0..length);
            let (mut all, mut front, mut back) = (list.iter(), Vec::new(), Vec::<u32>::new());
            while let Some(first) = all.next() {
                front.push(*first);
                back.extend(all.next_back());
            }
            assert_eq!((all.next(), all.next_back()), (None, None));
            front.extend(back.into_iter().rev());
            assert!(front.into_iter().eq(0..length), "{length}");
        }
    }

    #[test]
    fn equal_lists_are_equal_however_they_were_made() {
        let mut other = list(1..40);
        other.insert(0, 0);
        assert_eq!(other, list(0..40));
    }
}
