//! The one tracer of the module behind a lock. Functions are exported rather than a class, so that
//! JavaScript calls the hot ones in the module itself.

use std::cell::{Cell, RefCell, RefMut};

use super::tracer::State;

thread_local! {
    /// Leaked, since the module lives as long as its memory; made by the first call.
    static STATE: Cell<Option<&'static RefCell<State>>> = const { Cell::new(None) };
}

/// The tracer, for as long as a call takes. If that call traps, the tracer stays locked: no caller reads what was
/// left half done.
pub type Guard = RefMut<'static, State>;

/// Takes the tracer. Traps if it is taken already.
#[inline(never)]
pub fn lock() -> Guard {
    let state = STATE.get().unwrap_or_else(|| {
        let state = &*Box::leak(Box::new(RefCell::new(State::new())));
        STATE.set(Some(state));
        state
    });
    match state.try_borrow_mut() {
        Ok(guard) => guard,
        Err(_) => std::arch::wasm32::unreachable(),
    }
}
