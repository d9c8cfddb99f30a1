//! Memory shared between values, and the steps during which each part is in use.

use std::ops::Range;

use super::alias::{self, Alias};
use super::buffer::Storage;
use super::schedule::{LastUse, Schedule};
use crate::{Graph, Op, Shape, Table, Value};

/// Maximum number of values of a region that are examined to decide whether one of them can be overwritten.
const MOST_ALIVE: usize = 1 << 9;

/// A range of an arena that is in use from one instruction to another, both included.
#[derive(Clone, Debug)]
pub(super) struct Block {
    /// Elements, counted from the beginning of the block's region.
    pub(super) range: Range<usize>,
    /// The instruction before or during which the block is first written.
    pub(super) birth: usize,
    /// The last instruction that reads it.
    pub(super) death: usize,
}

impl Block {
    pub(super) fn is_alive_with(&self, other: &Self) -> bool {
        self.birth <= other.death && other.birth <= self.death
    }
}

/// Memory that must be contiguous: one value and all that alias it.
///
/// A concatenation and the parts that are written into it are one region, whose blocks come alive one
/// by one.
#[derive(Debug, Default)]
pub(super) struct Region {
    /// In order of range, without gaps.
    pub(super) blocks: Vec<Block>,
    /// Set once the region has become a part of another: which one, and where in it.
    parent: Option<(usize, usize)>,
    /// Values that may still be read.
    alive: Vec<Value>,
    /// No instruction before this one overwrites a value of this region, because too many other values may still
    /// be read.
    crowded_until: usize,
}

impl Region {
    pub(super) fn elements(&self) -> usize {
        self.blocks.last().map_or(0, |block| block.range.end)
    }

    /// Makes `offset` a boundary between blocks, so that both sides may end their lives apart.
    fn split(&mut self, offset: usize) {
        let i = self.blocks.partition_point(|block| block.range.end <= offset);
        if let Some(block) = self.blocks.get_mut(i)
            && block.range.start < offset
        {
            let mut second = block.clone();
            block.range.end = offset;
            second.range.start = offset;
            self.blocks.insert(i + 1, second);
        }
    }

    /// Joins adjacent blocks with the same lifetime.
    fn join(&mut self) {
        self.blocks.dedup_by(|block, before| {
            let is_same_life = (block.birth, block.death) == (before.birth, before.death);
            if is_same_life {
                before.range.end = block.range.end;
            }
            is_same_life
        });
    }
}

/// A value's elements: a range of a region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) region: usize,
    pub(super) range: Range<usize>,
    pub(super) storage: Storage,
}

/// The places of a schedule's values in regions, as they are decided one by one.
pub(super) struct RegionBuilder<'a> {
    graph: &'a Graph,
    schedule: &'a Schedule,
    shapes: &'a Table<Shape>,
    /// Position of each value's instruction.
    positions: Table<usize>,
    places: Table<Option<Place>>,
    regions: Vec<Region>,
}

/// Regions, and each computed value's place in one of them.
pub(super) struct Assigned {
    /// Regions that became part of another have no blocks.
    pub(super) regions: Vec<Region>,
    pub(super) places: Table<Option<Place>>,
}

/// Decides which values share memory.
pub(super) fn assign(graph: &Graph, schedule: &Schedule, shapes: &Table<Shape>) -> Assigned {
    let mut positions = Table::from_fn(graph, |_, _| 0);
    for (i, instruction) in schedule.instructions().iter().enumerate() {
        positions[instruction.value] = i;
    }
    let places = Table::from_fn(graph, |_, _| None);
    let mut builder = RegionBuilder { graph, schedule, shapes, positions, places, regions: Vec::new() };
    for instruction in schedule.instructions() {
        builder.add(instruction.value);
    }
    builder.finish()
}

impl RegionBuilder<'_> {
    fn add(&mut self, value: Value) {
        let node = self.graph.node(value);
        let elements = self.shapes[value].elements();
        match alias::alias(node, self.shapes) {
            Alias::View { of, offset } => {
                let place = self.place(of);
                let start = place.range.start + offset;
                let range = start..start + elements;
                self.regions[place.region].split(range.start);
                self.regions[place.region].split(range.end);
                self.put(value, Place { region: place.region, range, storage: Storage::View(of) });
            }
            Alias::InPlace(candidates) => {
                let over = candidates.into_iter().find(|input| self.can_overwrite(*input, value));
                match over {
                    Some(input) => {
                        let place = Place { storage: Storage::InPlace(input), ..self.place(input) };
                        self.put(value, place);
                    }
                    None => self.add_region(value, elements),
                }
            }
            Alias::Concat => self.add_concat(value),
            Alias::None => self.add_region(value, elements),
        }
    }

    /// A region of the value's own.
    fn add_region(&mut self, value: Value, elements: usize) {
        // The caller writes all inputs before the first instruction.
        let is_input = matches!(self.graph.node(value).op, Op::Input { .. });
        let birth = if is_input { 0 } else { self.positions[value] };
        let blocks = vec![Block { range: 0..elements, birth, death: birth }];
        self.regions.push(Region { blocks, ..Region::default() });
        let region = self.regions.len() - 1;
        self.put(value, Place { region, range: 0..elements, storage: Storage::Own });
    }

    /// A region in which every part that has a region to itself is computed at its place.
    fn add_concat(&mut self, value: Value) {
        let birth = self.positions[value];
        let region = self.regions.len();
        self.regions.push(Region::default());
        let mut start = 0;
        for part in &self.graph.node(value).inputs {
            let end = start + self.shapes[*part].elements();
            let Place { region: part_region, range, .. } = self.place(*part);
            let fills_region = range == (0..self.regions[part_region].elements());
            if part_region != region && fills_region {
                self.embed(part_region, region, start);
            } else {
                self.regions[region].blocks.push(Block { range: start..end, birth, death: birth });
            }
            start = end;
        }
        self.put(value, Place { region, range: 0..start, storage: Storage::Own });
    }

    /// Makes a region a part of another, behind the blocks that are there.
    fn embed(&mut self, part: usize, whole: usize, start: usize) {
        let Region { blocks, alive, .. } = std::mem::take(&mut self.regions[part]);
        self.regions[part].parent = Some((whole, start));
        if start == 0 {
            // The first part may be a long chain of concatenations; this way, it is not moved.
            self.regions[whole] = Region { blocks, alive, ..Region::default() };
            return;
        }
        let moved = blocks.into_iter().map(|block| {
            let range = block.range.start + start..block.range.end + start;
            Block { range, ..block }
        });
        self.regions[whole].blocks.extend(moved);
        self.regions[whole].alive.extend(alive);
    }

    fn put(&mut self, value: Value, place: Place) {
        self.regions[place.region].alive.push(value);
        self.places[value] = Some(place);
    }

    /// The current place of a computed value; its region may have become a part of another.
    fn place(&mut self, value: Value) -> Place {
        let mut place = self.places[value].clone().expect("a value is placed before its readers");
        if self.regions[place.region].parent.is_some() {
            let (whole, start) = self.root(place.region);
            place.region = whole;
            place.range = place.range.start + start..place.range.end + start;
            self.places[value] = Some(place.clone());
        }
        place
    }

    /// Returns the region that a region has finally become part of, and the offset in it. Compresses the path, as in
    /// a union-find structure, because it may be long.
    fn root(&mut self, region: usize) -> (usize, usize) {
        let mut way = Vec::new();
        let mut root = region;
        while let Some((whole, start)) = self.regions[root].parent {
            way.push((root, start));
            root = whole;
        }
        let mut offset = 0;
        for (part, start) in way.into_iter().rev() {
            offset += start;
            self.regions[part].parent = Some((root, offset));
        }
        (root, offset)
    }

    /// The position of the instruction that reads `value` last; an output's is beyond all.
    fn death(&self, value: Value) -> usize {
        match self.schedule.last_use(value) {
            LastUse::Node(reader) => self.positions[reader],
            LastUse::Wanted => self.schedule.instructions().len(),
        }
    }

    /// Whether `value` may be computed over `input`: all that is read from there later, or now from
    /// elsewhere than the same elements, lies elsewhere.
    fn can_overwrite(&mut self, input: Value, value: Value) -> bool {
        let now = self.positions[value];
        let place = self.place(input);
        if now < self.regions[place.region].crowded_until {
            return false;
        }
        let mut alive = std::mem::take(&mut self.regions[place.region].alive);
        alive.retain(|other| self.death(*other) >= now);
        if alive.len() > MOST_ALIVE {
            // Not examined again for as many instructions as there were values, so that the total time is linear.
            self.regions[place.region].crowded_until = now + alive.len();
            self.regions[place.region].alive = alive;
            return false;
        }
        let free = alive.iter().all(|other| {
            let range = self.place(*other).range;
            let is_apart = range.end <= place.range.start || place.range.end <= range.start;
            is_apart || (range == place.range && self.death(*other) == now)
        });
        self.regions[place.region].alive = alive;
        free
    }

    /// Ends the life of each block with that of the last value in it.
    fn finish(mut self) -> Assigned {
        for instruction in self.schedule.instructions() {
            let place = self.place(instruction.value);
            let death = self.death(instruction.value);
            let blocks = &mut self.regions[place.region].blocks;
            let first = blocks.partition_point(|block| block.range.end <= place.range.start);
            for block in &mut blocks[first..] {
                if block.range.start >= place.range.end {
                    break;
                }
                block.death = block.death.max(death);
            }
        }
        for region in &mut self.regions {
            region.join();
        }
        Assigned { regions: self.regions, places: self.places }
    }
}
