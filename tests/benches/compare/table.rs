//! The table of results.

use std::time::Duration;

use crate::measure::Results;

/// Prints medians, fastest runs, peak memory, and the ratios of the first peer to the others.
pub fn print(results: &[Results]) {
    println!(
        "\n{:<44} {:<26} {:>10} {:>10} {:>7} {:>9} {:>7}",
        "", "", "median", "fastest", "ratio", "peak", "ratio"
    );
    for Results { name, runs, peers } in results {
        let mut title = format!("{name} ({runs} runs)");
        for peer in peers {
            let time = ratio(peers[0].median.as_secs_f64(), peer.median.as_secs_f64());
            let memory = ratio(peers[0].memory as f64, peer.memory as f64);
            let first = std::ptr::eq(peer, &raw const peers[0]);
            let [time, memory] = [time, memory].map(|ratio| if first { String::new() } else { ratio });
            println!(
                "{title:<44} {:<26} {:>10} {:>10} {time:>7} {:>9} {memory:>7}",
                peer.name,
                milliseconds(peer.median),
                milliseconds(peer.fastest),
                format!("{:.1} MiB", peer.memory as f64 / 1024.0),
            );
            title.clear();
        }
    }
    println!("\nratio: ours to the peer in the line; less than 1 is better. Peak: largest resident set of a process.");
}

fn ratio(ours: f64, theirs: f64) -> String {
    format!("{:.2}", ours / theirs)
}

fn milliseconds(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1000.0)
}
