//! All vectors of one user in memory, one bit per dimension.
//!
//! A vector is rotated, which spreads what it says over all dimensions, and then only the signs are kept: 32 bytes for
//! 256 dimensions. A search goes in three steps, each slower and more exact than the one before. Counting the signs that
//! differ from the query's leaves a small part. For these the query is not rounded to signs: for every byte of a code a table
//! says what its eight signs add up to in the direction of the query. The few hundred that are left are compared by
//! their stored vectors, elsewhere.
//!
//! What is removed is overwritten at once and cut out when enough has gathered.

use crate::{Kind, stable_hash::mix, term::Filter, vector::StoredVector};

/// One vector's place in the index.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    /// The number of its memory.
    pub(crate) seq: i64,
    /// The kind of its memory.
    pub(crate) kind: Kind,
    /// Whether its memory is personal data.
    pub(crate) restricted: bool,
    /// The vector; none takes the memory out of the index.
    pub(crate) vector: Option<StoredVector>,
}

/// The signs of a user's vectors.
#[derive(Debug)]
pub(crate) struct SignIndex {
    dims: usize,
    /// Words of 64 signs that make one code.
    words: usize,
    /// The memories' numbers, ascending.
    seqs: Vec<i64>,
    marks: Vec<u8>,
    codes: Vec<u64>,
    removed: usize,
}

impl SignIndex {
    /// An empty index with room for this many vectors of this many dimensions.
    pub(crate) fn with_capacity(dims: usize, vectors: usize) -> Self {
        let words = dims.next_power_of_two().max(64) / 64;
        Self {
            dims,
            words,
            seqs: Vec::with_capacity(vectors),
            marks: Vec::with_capacity(vectors),
            codes: Vec::with_capacity(vectors * words),
            removed: 0,
        }
    }

    /// The memory it takes, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        self.seqs.capacity() * 8 + self.marks.capacity() + self.codes.capacity() * 8
    }

    /// How many vectors it holds.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.seqs.len() - self.removed
    }

    /// Puts vectors in, replaces them, or takes them out.
    pub(crate) fn apply(&mut self, mut entries: Vec<Entry>) {
        entries.sort_by_key(|entry| entry.seq);
        let mut between = Vec::new();
        for entry in entries {
            match (self.seqs.binary_search(&entry.seq), entry.vector) {
                (Ok(slot), Some(vector)) => {
                    let (mark, code) = (mark(entry.kind, entry.restricted), self.code(&vector));
                    self.overwrite(slot, mark, &code);
                }
                (Ok(slot), None) => self.overwrite(slot, REMOVED, &vec![0; self.words]),
                (Err(_), None) => {}
                (Err(slot), Some(vector)) => {
                    let (mark, code) = (mark(entry.kind, entry.restricted), self.code(&vector));
                    if slot == self.seqs.len() {
                        self.push(entry.seq, mark, &code);
                    } else {
                        between.push((entry.seq, mark, code));
                    }
                }
            }
        }
        if !between.is_empty() {
            self.insert_between(between);
        }
        if self.removed > 64 && self.removed > self.seqs.len() / 8 {
            self.compact();
        }
    }

    /// Takes memories out.
    pub(crate) fn remove(&mut self, seqs: &[i64]) {
        let gone = |seq: &i64| Entry { seq: *seq, kind: Kind::Fact, restricted: false, vector: None };
        self.apply(seqs.iter().map(gone).collect());
    }

    /// The numbers of the `limit` memories that probably lie nearest to the query, in no order.
    pub(crate) fn nearest(&self, query: &[f32], filter: &Filter, limit: usize) -> Vec<i64> {
        if query.len() != self.dims || limit == 0 {
            return Vec::new();
        }
        let rotated = rotate(query, self.words * 64);
        let tables = tables(&rotated);
        let mut best = Best::new(limit);
        for slot in self.roughly_nearest(&signs(&rotated), filter, limit * ROUGHLY) {
            let Some(code) = self.codes.get(slot * self.words..(slot + 1) * self.words) else { continue };
            let mut sum = 0_i32;
            for (word, table) in code.iter().zip(&tables) {
                let of_byte = |(values, byte): (&[i16; 256], u8)| i32::from(values[usize::from(byte)]);
                sum += table.iter().zip(word.to_le_bytes()).map(of_byte).sum::<i32>();
            }
            if sum > best.threshold {
                best.offer(sum, slot);
            }
        }
        best.slots().filter_map(|slot| self.seqs.get(slot).copied()).collect()
    }

    /// The places of those whose signs differ least from the query's: about `enough`, or a part of very many.
    fn roughly_nearest(&self, query: &[u64], filter: &Filter, enough: usize) -> Vec<usize> {
        let distances = self.distances(query);
        let admitted = admitted_marks(filter);
        // A part of many says well enough how the distances are spread.
        let step = if self.seqs.len() > SAMPLED_ABOVE { SAMPLE_STEP } else { 1 };
        let wanted = enough.max(self.seqs.len() / LARGE_PART) / step;
        let mut counts = vec![0_usize; self.words * 64 + 1];
        for (distance, mark) in distances.iter().zip(&self.marks).step_by(step) {
            if let Some(count) = counts.get_mut(usize::from(*distance)).filter(|_| admitted[usize::from(*mark)]) {
                *count += 1;
            }
        }
        let mut within = 0;
        let last = counts.iter().position(|count| {
            within += count;
            within >= wanted
        });
        let last = last.map_or(u16::MAX, |last| last as u16);
        let near = |(slot, (distance, mark)): (usize, (&u16, &u8))| {
            (*distance <= last && admitted[usize::from(*mark)]).then_some(slot)
        };
        distances.iter().zip(&self.marks).enumerate().filter_map(near).collect()
    }

    /// In how many signs each code differs from the query.
    fn distances(&self, query: &[u64]) -> Vec<u16> {
        // A known number of words lets the compiler count several at once; this is the usual number.
        if let Ok(query) = <&[u64; 4]>::try_from(query) {
            let (codes, _) = self.codes.as_chunks::<4>();
            return codes.iter().map(|code| differing(code, query)).collect();
        }
        self.codes.chunks_exact(self.words).map(|code| differing(code, query)).collect()
    }

    fn code(&self, vector: &StoredVector) -> Vec<u64> {
        signs(&rotate(&vector.to_floats(), self.words * 64))
    }

    fn push(&mut self, seq: i64, mark: u8, code: &[u64]) {
        self.seqs.push(seq);
        self.marks.push(mark);
        self.codes.extend_from_slice(code);
    }

    fn overwrite(&mut self, slot: usize, mark: u8, code: &[u64]) {
        let start = slot * self.words;
        if let (Some(old), Some(place)) = (self.marks.get_mut(slot), self.codes.get_mut(start..start + self.words)) {
            self.removed += usize::from(mark == REMOVED);
            self.removed -= usize::from(*old == REMOVED);
            *old = mark;
            place.copy_from_slice(code);
        }
    }

    /// Puts codes between those that are there, all in one pass. `new` is in the order of its numbers.
    fn insert_between(&mut self, new: Vec<(i64, u8, Vec<u64>)>) {
        let old = std::mem::replace(self, Self::with_capacity(self.dims, self.seqs.len() + new.len()));
        let mut new = new.into_iter().peekable();
        for ((seq, mark), code) in old.seqs.iter().zip(&old.marks).zip(old.codes.chunks_exact(old.words)) {
            while let Some((seq, mark, code)) = new.next_if(|(next, ..)| next < seq) {
                self.push(seq, mark, &code);
            }
            self.push(*seq, *mark, code);
        }
        for (seq, mark, code) in new {
            self.push(seq, mark, &code);
        }
        self.removed = old.removed;
    }

    fn compact(&mut self) {
        let mut kept = 0;
        for slot in 0..self.seqs.len() {
            if self.marks[slot] != REMOVED {
                self.seqs[kept] = self.seqs[slot];
                self.marks[kept] = self.marks[slot];
                self.codes.copy_within(slot * self.words..(slot + 1) * self.words, kept * self.words);
                kept += 1;
            }
        }
        self.seqs.truncate(kept);
        self.marks.truncate(kept);
        self.codes.truncate(kept * self.words);
        self.removed = 0;
    }
}

/// The signs of a turned vector.
fn signs(rotated: &[f32]) -> Vec<u64> {
    let word = |places: &[f32]| places.iter().rev().fold(0_u64, |word, x| (word << 1) | u64::from(*x > 0.0));
    rotated.chunks_exact(64).map(word).collect()
}

#[inline]
fn differing(code: &[u64], query: &[u64]) -> u16 {
    code.iter().zip(query).map(|(code, query)| (code ^ query).count_ones()).sum::<u32>() as u16
}

/// For every byte of a code and every value it can have: what its signs add up to in the query's direction.
fn tables(rotated: &[f32]) -> Vec<WordTable> {
    let largest = rotated.iter().fold(f32::MIN_POSITIVE, |largest, x| largest.max(x.abs()));
    let steps: Vec<i16> = rotated.iter().map(|x| (x / largest * QUERY_STEPS).round() as i16).collect();
    let byte_table = |steps: &[i16]| {
        std::array::from_fn(|byte| {
            let signed = |(bit, step): (usize, &i16)| if (byte >> bit) & 1 == 1 { *step } else { -*step };
            steps.iter().enumerate().map(signed).sum()
        })
    };
    let word_table = |steps: &[i16]| {
        let mut bytes = steps.chunks_exact(8);
        Box::new(std::array::from_fn(|_| bytes.next().map_or([0; 256], byte_table)))
    };
    steps.chunks_exact(64).map(word_table).collect()
}

/// For each of the eight bytes of a word, a table of its 256 values.
type WordTable = Box<[[i16; 256]; 8]>;

/// The best so far; sorted out whenever too many have gathered.
struct Best {
    limit: usize,
    threshold: i32,
    offers: Vec<(i32, usize)>,
}

impl Best {
    fn new(limit: usize) -> Self {
        Self { limit, threshold: i32::MIN, offers: Vec::with_capacity(limit * 4) }
    }

    fn offer(&mut self, sum: i32, slot: usize) {
        self.offers.push((sum, slot));
        if self.offers.len() >= self.limit * 4 {
            self.cut();
        }
    }

    fn cut(&mut self) {
        if self.offers.len() > self.limit {
            self.offers.select_nth_unstable_by(self.limit - 1, |a, b| b.cmp(a));
            self.offers.truncate(self.limit);
            self.threshold = self.offers.iter().map(|(sum, _)| *sum).min().unwrap_or(i32::MIN);
        }
    }

    fn slots(mut self) -> impl Iterator<Item = usize> {
        self.cut();
        self.offers.into_iter().map(|(_, slot)| slot)
    }
}

/// Turns a vector so that each of its parts goes to all places: twice random signs and a Hadamard transform.
fn rotate(vector: &[f32], places: usize) -> Vec<f32> {
    let mut rotated = vec![0.0; places];
    rotated.iter_mut().zip(vector).for_each(|(place, x)| *place = *x);
    for round in 0..2_u64 {
        for (group, places) in rotated.chunks_mut(64).enumerate() {
            let mut signs = mix((round << 32 | group as u64).wrapping_add(0x9e37_79b9_7f4a_7c15));
            for place in places {
                *place = if signs & 1 == 1 { -*place } else { *place };
                signs >>= 1;
            }
        }
        hadamard(&mut rotated);
    }
    rotated
}

/// The Walsh-Hadamard transform; the length is a power of two.
fn hadamard(values: &mut [f32]) {
    let mut half = 1;
    while half < values.len() {
        for block in values.chunks_exact_mut(half * 2) {
            let (left, right) = block.split_at_mut(half);
            for (a, b) in left.iter_mut().zip(right) {
                (*a, *b) = (*a + *b, *a - *b);
            }
        }
        half *= 2;
    }
}

fn mark(kind: Kind, restricted: bool) -> u8 {
    kind as u8 | if restricted { RESTRICTED } else { 0 }
}

fn admitted_marks(filter: &Filter) -> [bool; 256] {
    let mut admitted = [false; 256];
    for kind in Kind::ALL {
        for restricted in [false, true] {
            admitted[mark(kind, restricted) as usize] = filter.admits(kind, restricted);
        }
    }
    admitted
}

/// How many times more than in the end are left after counting signs.
const ROUGHLY: usize = 64;
/// Of very many, this part is left at least.
const LARGE_PART: usize = 32;
/// With more vectors than this, only a sample of the distances is counted.
const SAMPLED_ABOVE: usize = 65_536;
const SAMPLE_STEP: usize = 8;
/// The largest step of a query's component: eight of them must fit into sixteen bits.
const QUERY_STEPS: f32 = 1_000.0;
const RESTRICTED: u8 = 0x80;
const REMOVED: u8 = 0xff;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_are_among_the_chosen() {
        let vectors: Vec<Vec<f32>> = (0..5_000).map(|n| random_vector(n, 256)).collect();
        let mut index = SignIndex::with_capacity(256, 0);
        index.apply(vectors.iter().enumerate().map(|(seq, vector)| entry(seq as i64, vector)).collect());
        let mut found = 0;
        for probe in 0..50 {
            let target = probe * 97;
            let query: Vec<f32> =
                vectors[target].iter().zip(random_vector(90_000 + probe as u64, 256)).map(|(a, b)| a + b).collect();
            found += usize::from(index.nearest(&query, &Filter::ALL, 100).contains(&(target as i64)));
        }
        assert!(found >= 49, "{found} of 50");
    }

    #[test]
    fn every_number_of_dimensions_finds_itself() {
        for dims in [1, 3, 64, 100, 256, 512, 1_536] {
            let mut index = SignIndex::with_capacity(dims, 0);
            let vectors: Vec<Vec<f32>> = (0..20).map(|n| random_vector(n, dims)).collect();
            index.apply(vectors.iter().enumerate().map(|(seq, vector)| entry(seq as i64, vector)).collect());
            assert!(index.nearest(&vectors[7], &Filter::ALL, 12).contains(&7), "{dims} dimensions");
            assert!(index.nearest(&vec![1.0; dims + 1], &Filter::ALL, 12).is_empty());
        }
    }

    #[test]
    fn what_is_removed_is_overwritten_and_not_found() {
        let vector = random_vector(1, 64);
        let mut index = SignIndex::with_capacity(64, 0);
        index.apply((0..10).map(|seq| entry(seq, &vector)).collect());
        index.remove(&[3, 4, 99]);
        assert_eq!((index.len(), index.codes[3], index.codes[4]), (8, 0, 0));
        let mut found = index.nearest(&vector, &Filter::ALL, 20);
        found.sort_unstable();
        assert_eq!(found, [0, 1, 2, 5, 6, 7, 8, 9]);
        index.apply(vec![entry(3, &vector)]);
        assert_eq!((index.len(), index.nearest(&vector, &Filter::ALL, 20).contains(&3)), (9, true));
    }

    #[test]
    fn many_removals_shrink_the_index() {
        let mut index = SignIndex::with_capacity(64, 0);
        index.apply((0..1_000).map(|seq| entry(seq, &random_vector(seq as u64, 64))).collect());
        index.remove(&(0..1_000).filter(|seq| seq % 2 == 0).collect::<Vec<_>>());
        assert_eq!((index.seqs.len(), index.codes.len(), index.removed), (500, 500, 0));
        assert!(index.nearest(&random_vector(501, 64), &Filter::ALL, 20).contains(&501));
    }

    #[test]
    fn late_vectors_take_their_place_in_between() {
        let mut index = SignIndex::with_capacity(64, 0);
        for seqs in [vec![10, 20, 30], vec![25, 5, 40], vec![20]] {
            index.apply(seqs.into_iter().map(|seq| entry(seq, &random_vector(seq as u64, 64))).collect());
        }
        assert_eq!(index.seqs, [5, 10, 20, 25, 30, 40]);
        assert!(index.nearest(&random_vector(25, 64), &Filter::ALL, 1).contains(&25));
    }

    #[test]
    fn a_filter_is_kept() {
        let vector = random_vector(1, 64);
        let mut index = SignIndex::with_capacity(64, 0);
        let restricted = Entry { restricted: true, ..entry(1, &vector) };
        let decision = Entry { kind: Kind::Decision, ..entry(2, &vector) };
        index.apply(vec![restricted, decision, entry(3, &vector)]);
        let found = |kinds: &[Kind], restricted| {
            let mut found = index.nearest(&vector, &Filter { kinds: kinds.to_vec(), restricted }, 9);
            found.sort_unstable();
            found
        };
        assert_eq!(found(&[], false), [2, 3]);
        assert_eq!(found(&[], true), [1, 2, 3]);
        assert_eq!(found(&[Kind::Decision], true), [2]);
    }

    fn entry(seq: i64, vector: &[f32]) -> Entry {
        Entry { seq, kind: Kind::Fact, restricted: false, vector: StoredVector::from_floats(vector) }
    }

    fn random_vector(seed: u64, dims: usize) -> Vec<f32> {
        let number = |n: usize| mix(mix(seed + 1).wrapping_add(n as u64)) >> 40;
        (0..dims).map(|n| number(n) as f32 / (1 << 23) as f32 - 1.0).collect()
    }
}
