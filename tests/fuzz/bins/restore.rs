#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| mlflow_ag2_fuzz::restore::run(data));
