import { readFileSync } from 'node:fs';

/** What the system knows of a process. */
export interface ProcessFigures {
  readonly residentMiB: number;
  /** Address space, most of it reserved by wasm memories: 10 GiB each. */
  readonly reservedGiB: number;
  /** Processor time of all of its threads so far. */
  readonly cpuSeconds: number;
}

/** Ticks of `/proc/PID/stat` a second, on every Linux that Node.js runs on. */
const TICKS = 100;

export function figuresOf(pid: number): ProcessFigures {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const kibibytes = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]);
  // The name in brackets may hold anything; user and system time are the 12th and 13th after it.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  return {
    residentMiB: kibibytes('VmRSS') / 1024,
    reservedGiB: kibibytes('VmSize') / 1024 / 1024,
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS,
  };
}
