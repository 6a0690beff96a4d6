//! What the system says of this process, by the names that Prometheus's own libraries use. Linux tells it under
//! `/proc`; elsewhere there is nothing to tell.

use std::{fmt, fs};

use prometheus_client::{collector::Collector, encoding::DescriptorEncoder, metrics::MetricType};

use super::figures::{float, write};

/// Ticks of a second: Linux counts so for programs, whatever the machine (`times(2)`, `USER_HZ`).
const TICKS: f64 = 100.0;

/// This process.
#[derive(Debug)]
pub(super) struct Process;

impl Collector for Process {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let Some(read) = Read::now() else { return Ok(()) };
        for (name, help, kind, value) in [
            ("process_cpu_seconds", "Time of a processor that was used", MetricType::Counter, read.cpu),
            ("process_resident_memory_bytes", "Memory that is resident", MetricType::Gauge, read.resident),
            ("process_virtual_memory_bytes", "Memory that is mapped", MetricType::Gauge, read.mapped),
            ("process_open_fds", "Descriptors that are open", MetricType::Gauge, read.descriptors),
            ("process_max_fds", "Descriptors that may be open", MetricType::Gauge, read.most_descriptors),
            ("process_threads", "Threads", MetricType::Gauge, read.threads),
            ("process_start_time_seconds", "When it began, since 1970", MetricType::Gauge, read.start),
        ] {
            write(&mut encoder, (name, help, kind), [([], value)])?;
        }
        Ok(())
    }
}

/// What is told.
#[derive(Debug, PartialEq)]
struct Read {
    cpu: f64,
    start: f64,
    threads: f64,
    resident: f64,
    mapped: f64,
    descriptors: f64,
    most_descriptors: f64,
}

impl Read {
    fn now() -> Option<Self> {
        let text = |path: &str| fs::read_to_string(path).ok();
        let files = Files {
            stat: &text("/proc/self/stat")?,
            status: &text("/proc/self/status")?,
            limits: &text("/proc/self/limits")?,
            system: &text("/proc/stat")?,
        };
        let descriptors = fs::read_dir("/proc/self/fd").ok()?.count();
        files.read(u64::try_from(descriptors).ok()?)
    }
}

/// The texts that tell it, as `proc(5)` describes them.
struct Files<'a> {
    stat: &'a str,
    status: &'a str,
    limits: &'a str,
    system: &'a str,
}

impl Files<'_> {
    fn read(&self, descriptors: u64) -> Option<Read> {
        // the name of the program stands in brackets, and may have anything in it
        let fields: Vec<_> = self.stat.rsplit_once(')')?.1.split_ascii_whitespace().collect();
        // counted from field 3, the state
        let ticks =
            |field: usize| fields.get(field - 3)?.parse::<u64>().ok().map(|ticks| float(ticks) / TICKS);
        let most = number(self.limits, "Max open files");
        Some(Read {
            cpu: ticks(14)? + ticks(15)?,
            start: number(self.system, "btime")? + ticks(22)?,
            threads: number(self.status, "Threads:")?,
            resident: number(self.status, "VmRSS:")? * 1024.0,
            mapped: number(self.status, "VmSize:")? * 1024.0,
            descriptors: float(descriptors),
            most_descriptors: most.unwrap_or(f64::INFINITY),
        })
    }
}

/// How many descriptors the process may have open; none where there is no end, or the system does not tell.
pub(in crate::server) fn most_descriptors() -> Option<usize> {
    whole(&fs::read_to_string("/proc/self/limits").ok()?, "Max open files")?.try_into().ok()
}

fn number(text: &str, name: &str) -> Option<f64> {
    whole(text, name).map(float)
}

/// The first number after `name` at the beginning of a line.
fn whole(text: &str, name: &str) -> Option<u64> {
    let rest = text.lines().find_map(|line| line.strip_prefix(name))?;
    rest.split_ascii_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_system_writes_is_understood() {
        let stat = "42 (a ) b) S 1 42 42 0 -1 4194304 1 0 0 0 250 50 0 0 20 0 9 0 1000 99 7";
        let files = Files {
            stat,
            status: "Name:\ta\nVmSize:\t    2048 kB\nVmRSS:\t 1024 kB\nThreads:\t9\n",
            limits: "Limit                     Soft Limit           Hard Limit\nMax open files            1024                 4096\n",
            system: "cpu  1 2 3\nbtime 1700000000\n",
        };
        let expected = Read {
            cpu: 3.0,
            start: 1_700_000_010.0,
            threads: 9.0,
            resident: 1_048_576.0,
            mapped: 2_097_152.0,
            descriptors: 12.0,
            most_descriptors: 1024.0,
        };
        assert_eq!(files.read(12), Some(expected));
        let endless = Files { limits: "Max open files            unlimited            unlimited\n", ..files };
        assert!(endless.read(12).unwrap().most_descriptors.is_infinite());
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn this_process_is_told_of() {
        let read = Read::now().unwrap();
        assert!(read.resident > 1_000_000.0 && read.descriptors > 2.0 && read.start > 1.6e9, "{read:?}");
    }
}
