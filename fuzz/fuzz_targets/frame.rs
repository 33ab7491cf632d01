#![no_main]

libfuzzer_sys::fuzz_target!(init: kanban_fuzz::begin(), |data: &[u8]| kanban_fuzz::frame(data));
