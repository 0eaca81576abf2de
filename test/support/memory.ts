import { readFileSync } from 'node:fs';

/** What a process holds in memory now, in megabytes of 2^20 bytes; undefined where there is none, or Linux does not tell. */
export const residentMegabytes = (pid: number): number | undefined => told(pid, /^VmRSS:\s+(\d+) kB$/m);

/** The most that a process has held in its life, as above but rounded. */
export const peakMegabytes = (pid: number): number | undefined => {
  const most = told(pid, /^VmHWM:\s+(\d+) kB$/m);
  return most && Math.round(most);
};

const told = (pid: number, line: RegExp): number | undefined => {
  try {
    const [, kib] = line.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return kib === undefined ? undefined : Number(kib) / 1_024;
  } catch {
    return undefined;
  }
};
