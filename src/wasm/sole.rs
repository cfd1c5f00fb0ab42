//! The one tracer of the module, and the only way to it. What is exported are functions and no class, so
//! that the shell calls them in the module itself, with nothing of the glue between.

use std::cell::Cell;
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;

use super::tracer::Tracer;

/// Where the tracer is.
#[derive(Clone, Copy)]
enum Place {
    /// Nobody has called yet.
    Nowhere,
    /// Here, and waits for the next call.
    Here(NonNull<Tracer>),
    /// With a call. One that trapped keeps it: what it left half done nobody is to meet.
    Taken,
}

struct Sole(Cell<Place>);

// SAFETY: the module's memory is not shared, so there is one thread.
unsafe impl Sync for Sole {}

static SOLE: Sole = Sole(Cell::new(Place::Nowhere));

/// The tracer, for as long as a call takes.
pub struct Entered(NonNull<Tracer>);

/// Takes the tracer; the first call makes it. Traps if an earlier call did.
#[inline(never)]
pub fn enter() -> Entered {
    Entered(match SOLE.0.replace(Place::Taken) {
        Place::Here(tracer) => tracer,
        Place::Nowhere => Box::leak(Box::new(Tracer::new())).into(),
        Place::Taken => std::arch::wasm32::unreachable(),
    })
}

impl Deref for Entered {
    type Target = Tracer;

    fn deref(&self) -> &Tracer {
        // SAFETY: it was leaked, and whoever enters meanwhile finds it taken.
        unsafe { self.0.as_ref() }
    }
}

impl DerefMut for Entered {
    fn deref_mut(&mut self) -> &mut Tracer {
        // SAFETY: as above.
        unsafe { self.0.as_mut() }
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        SOLE.0.set(Place::Here(self.0));
    }
}
