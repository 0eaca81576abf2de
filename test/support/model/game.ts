import { isDeepStrictEqual } from 'node:util';
import type { Actor, TargetCommand } from '#domain';
import { Foreseen } from './foreseen.js';
import type { Data, Sender, Sequence, Step } from './steps.js';

export const actors: Readonly<Record<Sender, Actor>> = {
  ci: { id: 'ci', kind: 'service' },
  ann: { id: 'ann', kind: 'user' },
  bob: { id: 'bob', kind: 'user' },
};

/** A command as it is sent, in Kafka's form, and what it has to be answered. */
export type Sent = Readonly<{
  sender: Sender;
  command: Readonly<{
    commandId: string;
    type: string;
    project: string;
    target: string;
    occurredAt: string;
    expectedVersion?: number;
    data: Data;
  }>;
  /** The events, or the code of the refusal. */
  expected: readonly string[] | string;
  /** Where the stream stands afterwards. */
  version: number;
  /** Which one it repeats, by its place among all that were sent. */
  repeats?: number;
}>;
/** What the log has to hold: lines of one command, or of the clock, which may stand in any order. */
type Passage = Readonly<{ commandId?: string; actor: Actor; lines: readonly string[] }>;

/** One sequence, played on a target of its own. */
export class Game {
  readonly foreseen = new Foreseen();
  readonly sent: Sent[] = [];
  readonly passages: Passage[] = [];
  /** The first thing that was not as foreseen. */
  difference: string | undefined;
  #next = 0;

  constructor(
    readonly sequence: Sequence,
    readonly project: string,
    readonly target: string,
  ) {}

  get done(): boolean {
    return this.difference !== undefined || this.#next > this.sequence.steps.length;
  }

  /** The next commands of one sender, up to one after which the clock has something to do. */
  turn(): Sent[] {
    const turn: Sent[] = [];
    for (; !this.done; this.#next += 1) {
      const step = this.#next === 0 ? this.#first() : this.sequence.steps[this.#next - 1]!;
      const sender = this.#senderOf(step);
      if (turn.length > 0 && sender !== turn[0]!.sender) return turn;
      turn.push(this.#send(step, sender));
      if (this.#timePasses()) {
        this.#next += 1;
        return turn;
      }
    }
    return turn;
  }

  differs(what: string, actual: unknown, expected: unknown): void {
    if (this.difference !== undefined || isDeepStrictEqual(actual, expected)) return;
    this.difference = `${what}\n  is       ${JSON.stringify(actual)}\n  and not  ${JSON.stringify(expected)}`;
  }

  #first(): Step {
    const what = { type: 'CreateTarget', data: { settings: this.sequence.settings } };
    return { sender: 'ci', blind: true, expecting: 'nothing', what };
  }

  /** A repeated command comes from whom it came from first. */
  #senderOf({ what, sender }: Step): Sender {
    if ('again' in what) return this.#earlier(what.again).sender;
    return 'reuse' in what ? 'ci' : sender;
  }

  #send(step: Step, sender: Sender): Sent {
    const { what } = step;
    if ('again' in what) return this.#repeat(this.#earlier(what.again));
    const id = 'reuse' in what ? this.#earlier(what.reuse).command.commandId : `c${this.sent.length}`;
    const command = { commandId: id, ...this.#commandOf(step) };
    if ('reuse' in what) return this.#note({ sender, command, expected: 'idempotency_key_reused', version: 0 });
    const { occurredAt, expectedVersion } = command;
    const context = {
      actor: actors[sender],
      occurredAt,
      ...(expectedVersion === undefined ? {} : { expectedVersion }),
    };
    const expected = this.foreseen.expects(command as unknown as TargetCommand, context);
    if (typeof expected !== 'string' && expected.length > 0)
      this.passages.push({ commandId: id, actor: context.actor, lines: expected });
    return this.#note({ sender, command, expected, version: this.foreseen.stands.version });
  }

  #repeat(first: Sent): Sent {
    return this.#note({ ...first, repeats: this.sent.indexOf(first) });
  }

  #note(sent: Sent): Sent {
    this.sent.push(sent);
    return sent;
  }

  /** One of those that were sent first under their id. */
  #earlier(back: number): Sent {
    const firsts = this.sent.filter(
      ({ repeats, expected }) => repeats === undefined && expected !== 'idempotency_key_reused',
    );
    return firsts[Math.max(0, firsts.length - 1 - back)]!;
  }

  #commandOf({ what, blind, expecting }: Step): Omit<Sent['command'], 'commandId'> {
    const { project, target } = this;
    const { exists, version } = this.foreseen.stands;
    const place = { project, target, occurredAt: momentOf(this.sent.length) };
    if ('reuse' in what) return { type: 'ChangeTarget', ...place, data: { description: 'another' } };
    if ('again' in what || (!exists && !blind)) return { type: 'CreateTarget', ...place, data: {} };
    const number = what.pick && { number: this.foreseen.numberOf(what.pick) };
    const expected = { nothing: {}, present: { expectedVersion: version }, past: { expectedVersion: version + 1 } };
    return { type: what.type, ...place, ...expected[expecting], data: { ...what.data, ...number } };
  }

  #timePasses(): boolean {
    const lines = this.foreseen.timePasses();
    if (lines.length > 0) this.passages.push({ actor: { id: 'timekeeper', kind: 'system' }, lines });
    return lines.length > 0;
  }
}

const BEGINNING = Date.parse('2026-01-01T00:00:00Z');

/** When the command of this place was sent, as it says itself: a second after the one before it. */
const momentOf = (index: number): string => new Date(BEGINNING + index * 1_000).toISOString().replace('Z', '000Z');
/** Times that commands brought stand as they are; those of the database's clock are called so. */
export const timeOf = (time: string | null): string | null => (time === null || time < '2026-02' ? time : 'clock');
