//! A plugin of the stable ABI in Rust, without a crate: what legacy-fixtures/include/banyan_plugin.h does for C.

use std::mem::size_of;

const NAME: usize = 72;

#[repr(C)]
pub struct Slice {
    data: *const u8,
    length: usize,
}

#[repr(C)]
pub struct Buffer {
    data: *mut u8,
    length: usize,
}

#[repr(C)]
pub struct Vtable {
    call: extern "C" fn(*mut Plugin, u32, *const Slice, *mut Buffer) -> i32,
    create: extern "C" fn(*const Slice) -> *mut Plugin,
    destroy: extern "C" fn(*mut Plugin),
    free_output: extern "C" fn(*mut Plugin, *mut u8, usize),
    last_error: extern "C" fn(*mut Plugin) -> *const u8,
}

pub struct Plugin {
    config: Vec<u8>,
    error: Vec<u8>,
}

impl Plugin {
    /// Answers, or says why not.
    fn call(&self, function: u32, input: &[u8]) -> Result<Vec<u8>, &'static str> {
        match function {
            0 => Ok(input.iter().rev().copied().collect()),
            1 => Ok(self.config.clone()),
            2 => Err("it never works"),
            _ => Err("there is no such function"),
        }
    }
}

extern "C" fn call(plugin: *mut Plugin, function: u32, input: *const Slice, output: *mut Buffer) -> i32 {
    let plugin = unsafe { &mut *plugin };
    match plugin.call(function, unsafe { bytes(&*input) }) {
        Ok(answer) => {
            // A boxed slice has no spare capacity: its length is enough to free it.
            let answer = answer.into_boxed_slice();
            let length = answer.len();
            unsafe { *output = Buffer { data: Box::into_raw(answer) as *mut u8, length } };
            0
        }
        Err(error) => {
            plugin.error = error.bytes().chain([0]).collect();
            1
        }
    }
}

extern "C" fn create(config: *const Slice) -> *mut Plugin {
    let config = unsafe { bytes(&*config) }.to_vec();
    Box::into_raw(Box::new(Plugin { config, error: vec![0] }))
}

extern "C" fn destroy(plugin: *mut Plugin) {
    drop(unsafe { Box::from_raw(plugin) });
}

extern "C" fn free_output(_plugin: *mut Plugin, data: *mut u8, length: usize) {
    drop(unsafe { Box::from_raw(std::slice::from_raw_parts_mut(data, length) as *mut [u8]) });
}

extern "C" fn last_error(plugin: *mut Plugin) -> *const u8 {
    if plugin.is_null() {
        return std::ptr::null();
    }
    unsafe { (*plugin).error.as_ptr() }
}

unsafe fn bytes<'a>(slice: &'a Slice) -> &'a [u8] {
    if slice.length == 0 {
        return &[];
    }
    std::slice::from_raw_parts(slice.data, slice.length)
}

#[no_mangle]
#[allow(non_upper_case_globals)]
pub static banyan_plugin_vtable_1: Vtable = Vtable { call, create, destroy, free_output, last_error };

// The descriptor: numbers of 32 bits and characters alone, in a note.

const UNSIGNED: u32 = 2;
const POINTER: u32 = 5;
const STRUCT: u32 = 7;

const WORD: u32 = size_of::<*const u8>() as u32;
const DESCRIPTOR_SIZE: u32 = size_of::<Descriptor>() as u32;

#[repr(C)]
struct Function {
    name: [u8; NAME],
}

#[repr(C)]
struct Row {
    is_field: u32,
    size: u32,
    place: u32,
    kind: u32,
    name: [u8; NAME],
}

#[repr(C)]
struct Descriptor {
    magic: [u8; 8],
    byte_order: u32,
    word_size: u32,
    abi: [u32; 2],
    sizes: [u32; 4],
    counts: [u32; 4],
    plugin: [u8; NAME],
    version: [u8; NAME],
    functions: [Function; 3],
    rows: [Row; 12],
}

#[repr(C)]
struct Note {
    name_size: u32,
    descriptor_size: u32,
    kind: u32,
    name: [u8; 8],
    descriptor: Descriptor,
}

const fn name(text: &str) -> [u8; NAME] {
    let mut room = [0; NAME];
    let mut at = 0;
    while at < text.len() {
        room[at] = text.as_bytes()[at];
        at += 1;
    }
    room
}

const fn function(text: &str) -> Function {
    Function { name: name(text) }
}

const fn structure(text: &str, words: u32) -> Row {
    Row { is_field: 0, size: words * WORD, place: WORD, kind: STRUCT, name: name(text) }
}

const fn field(text: &str, index: u32, kind: u32) -> Row {
    Row { is_field: 1, size: WORD, place: index * WORD, kind, name: name(text) }
}

#[used]
#[link_section = ".note.banyan"]
static NOTE: Note = Note {
    name_size: 7,
    descriptor_size: DESCRIPTOR_SIZE,
    kind: 1,
    name: *b"Banyan\0\0",
    descriptor: Descriptor {
        magic: *b"BANYANPL",
        byte_order: 0x0102_0304,
        word_size: WORD,
        abi: [1, 1],
        sizes: [DESCRIPTOR_SIZE, 56 + 2 * NAME as u32, size_of::<Function>() as u32, size_of::<Row>() as u32],
        counts: [3, 12, 4, size_of::<Vtable>() as u32 / WORD],
        plugin: name("mirror"),
        version: name("0.3.0"),
        functions: [function("reverse"), function("config"), function("fail")],
        rows: [
            structure("banyan_slice", 2),
            field("data", 0, POINTER),
            field("length", 1, UNSIGNED),
            structure("banyan_buffer", 2),
            field("data", 0, POINTER),
            field("length", 1, UNSIGNED),
            structure("banyan_vtable", 5),
            field("call", 0, POINTER),
            field("create", 1, POINTER),
            field("destroy", 2, POINTER),
            field("free_output", 3, POINTER),
            field("last_error", 4, POINTER),
        ],
    },
};
