#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| mlflow_ag2_fuzz::answers::run(data));
