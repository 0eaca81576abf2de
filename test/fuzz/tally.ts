import { readFileSync } from 'node:fs';

/** What came of the inputs. */
export class Tally {
  records = 0;
  handled = 0;
  dead = 0;
  readonly #statuses = new Map<number, number>();
  readonly #faults = new Map<string, { times: number; example: string }>();
  readonly #memory: Array<Readonly<{ inputs: number; megabytes: number }>> = [];
  #unsent = 0;

  constructor(readonly pid: number) {}

  /** 0 for a connection that was ended without an answer. */
  answered(status: number): void {
    this.#statuses.set(status, (this.#statuses.get(status) ?? 0) + 1);
  }

  unsent(): void {
    this.#unsent += 1;
  }

  published(records: number): void {
    this.records += records;
  }

  fault(where: string, what: string): void {
    const key = `${where}: ${what.split('\n')[0]!.replaceAll(/\d+/g, 'n').slice(0, 120)}`;
    const known = this.#faults.get(key);
    this.#faults.set(key, { times: (known?.times ?? 0) + 1, example: known?.example ?? `${where}: ${what}` });
  }

  remember(inputs: number, megabytes: number): void {
    this.#memory.push({ inputs, megabytes });
  }

  /** MB between the mean of the second eighth of the run, when all has been compiled and cached, and that of the last. */
  get growth(): number {
    const eighth = Math.floor(this.#memory.length / 8);
    const mean = (from: number): number =>
      this.#memory.slice(from, from + eighth).reduce((sum, { megabytes }) => sum + megabytes, 0) / eighth;
    return eighth === 0 ? 0 : mean(this.#memory.length - eighth) - mean(eighth);
  }

  /** One of each kind, the most frequent first. */
  get faults(): string[] {
    return [...this.#faults.values()]
      .toSorted((a, b) => b.times - a.times)
      .map(({ times, example }) => `${times} times: ${example}`);
  }

  report(): string {
    const statuses = [...this.#statuses]
      .toSorted(([a], [b]) => a - b)
      .map(([status, times]) => `${status || 'closed'} ${times}`);
    const requests = [...this.#statuses.values()].reduce((sum, times) => sum + times, 0);
    const memory = this.#memory.filter((_, n) => n % 5 === 0).map(({ megabytes }) => Math.round(megabytes));
    return [
      `${requests} requests: ${statuses.join(', ')}; ${this.#unsent} that no client sends`,
      `${this.records} records: ${this.handled} handled, ${this.dead} of them dead letters`,
      `resident memory, MB, as the run went: ${memory.join(' ')}; growth ${this.growth.toFixed(0)}`,
      '',
    ].join('\n');
  }
}

export const residentMegabytes = (pid: number): number =>
  Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1_024;
