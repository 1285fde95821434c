//! Times the published replay scrubber on JSON lines.
//!
//! Each line of standard input is `<times> <path>`; the answer is one line `<seconds> <bytes written> <refused>`, of
//! all the times together. Seconds are CPU time of this thread.

use cpu_time::ThreadTime;
use posthog_replay_anonymizer::{anonymize_line_with_ctx, AllowLists, Ctx};
use std::error::Error;
use std::hint::black_box;
use std::io::{self, BufRead, Write};
use std::time::Duration;

fn main() -> Result<(), Box<dyn Error>> {
    let allowed = AllowLists::default();
    let mut answers = io::stdout().lock();
    for order in io::stdin().lock().lines() {
        let order = order?;
        let (times, path) = order.split_once(' ').ok_or("an order is a number and a path")?;
        let text = std::fs::read(path)?;
        let mut spent = Duration::ZERO;
        let (mut written, mut refused) = (0, 0);
        for _ in 0..times.parse()? {
            // It parses in place, so each time needs bytes of its own; that copy is not its work.
            let mut lines: Vec<Vec<u8>> = text.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
            let before = ThreadTime::now();
            // One context for the whole recording, as a reader of whole sessions would have it.
            let context = Ctx::new(&allowed);
            for line in lines.iter_mut().filter(|line| !line.is_empty()) {
                match anonymize_line_with_ctx(&context, line) {
                    Ok(Some(scrubbed)) => written += black_box(scrubbed).len(),
                    Ok(None) => written += line.len(),
                    Err(_) => refused += 1,
                }
            }
            spent += before.elapsed();
        }
        writeln!(answers, "{} {written} {refused}", spent.as_secs_f64())?;
        answers.flush()?;
    }
    Ok(())
}
