//! A plugin in Rust over the raw ABI, without a crate: what the Rust PDK does underneath.
#![no_std]

#[link(wasm_import_module = "extism:host/env")]
extern "C" {
    fn input_length() -> u64;
    fn input_load_u8(at: u64) -> u32;
    fn alloc(length: u64) -> u64;
    fn store_u8(at: u64, byte: u32);
    fn output_set(at: u64, length: u64);
}

#[no_mangle]
pub extern "C" fn reverse() -> i32 {
    unsafe {
        let length = input_length();
        let block = alloc(length);
        for at in 0..length {
            store_u8(block + at, input_load_u8(length - 1 - at));
        }
        output_set(block, length);
    }
    0
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    core::arch::wasm32::unreachable()
}
