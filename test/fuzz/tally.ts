import { residentMegabytes } from '../support/memory.js';
import { NO_ACCOUNTS } from './accounts.js';

/** Inputs between two looks at the memory, and how many of these looks, from the first on, are the start: at least, and as a share. */
const [LOOK_EVERY, STARTING_LOOKS, STARTING_SHARE] = [100, 10, 0.02];

/** What came of the inputs. */
export class Tally {
  records = 0;
  accounts = NO_ACCOUNTS;
  /** Each command that was sent as it should be, by its name. */
  readonly rightIds = new Set<string>();
  readonly #statuses = new Map<number, number>();
  readonly #faults = new Map<string, { times: number; example: string }>();
  readonly #memory: number[] = [];
  readonly #noted: string[] = [];
  #unsent = 0;

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

  /** What the process holds at a moment that has a name. */
  note(when: string, pid: number): void {
    this.#noted.push(`${when} ${residentMegabytes(pid)?.toFixed(0) ?? 'unknown'}`);
  }

  /** Looks at the memory of the process now and then; `input` counts from 1, when it had been warmed up. */
  look(input: number, pid: number): void {
    if (input > 0 && input % LOOK_EVERY === 0) this.#memory.push(residentMegabytes(pid) ?? NaN);
  }

  /** MB between the mean of the first fiftieth, 1,000 inputs at least, and that of the last eighth; nothing can be said of fewer than 2,000. */
  get growth(): number | undefined {
    const looks = this.#memory;
    if (looks.length < 2 * STARTING_LOOKS) return undefined;
    const start = looks.slice(0, Math.max(STARTING_LOOKS, Math.floor(looks.length * STARTING_SHARE)));
    return mean(looks.slice(-Math.floor(looks.length / 8))) - mean(start);
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
    const { accepted, rejected, dead } = this.accounts;
    const looks = this.#memory.filter((_, n) => n % Math.ceil(this.#memory.length / 10) === 0);
    const most = this.#memory.reduce((a, b) => Math.max(a, b), 0);
    return [
      `${requests} requests: ${statuses.join(', ')}; ${this.#unsent} that no client sends`,
      `${this.records} records, ${this.rightIds.size} of them right: ${accepted} accepted, ${rejected} rejected, ${dead} dead letters`,
      `resident memory, MB, as the run went: ${looks.map(Math.round).join(' ')}; at most ${Math.round(most)}; growth ${this.growth?.toFixed(0) ?? 'unknown'}`,
      `before that, MB: ${this.#noted.join(', ')}`,
      '',
    ].join('\n');
  }
}

const mean = (of: readonly number[]): number => of.reduce((sum, each) => sum + each, 0) / of.length;
