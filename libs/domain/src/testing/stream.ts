import type { CommandContext } from '../target/commands.js';
import { decide } from '../target/decide.js';
import type { Decision } from '../target/decision.js';
import type { DecidedEvent, PlacedEvent } from '../target/events.js';
import { evolve, lacks, place } from '../target/evolve.js';
import { initialTarget, withoutHistory, type Target } from '../target/target.js';
import { addMinutes, type Time } from '../time.js';
import { ci, PROJECT, TARGET } from './commands.js';
import type { Sending, Stream } from './sending.js';

export const BEGINNING: Time = '2026-11-20T10:00:00.000000Z';

export const emptyStream: Stream = {
  events: [],
  target: initialTarget(PROJECT, TARGET),
  whole: initialTarget(PROJECT, TARGET, { history: true }),
  sent: 0,
};

/** The state folded from the first event. */
export const fold = (events: readonly PlacedEvent[], options: { history?: boolean } = {}): Target =>
  events.reduce(evolve, initialTarget(PROJECT, TARGET, options));

/** Decides a command as the waist does, a minute after the one before it, and appends its events. */
export const send = (
  stream: Stream,
  sending: Sending,
): { stream: Stream; decision: Decision; context: CommandContext } => {
  const { command, context: differing } = typeof sending === 'function' ? sending(stream) : sending;
  const context = { actor: ci, occurredAt: addMinutes(BEGINNING, stream.sent), ...differing };
  const small = decide(stream.target, command, context);
  const decision = 'needs' in small ? decide(stream.whole, command, context) : small;
  const events = 'events' in decision ? decision.events : [];
  return { stream: append(stream, events, context), decision, context };
};

const append = (stream: Stream, decided: readonly DecidedEvent[], context: CommandContext): Stream => {
  let { target, whole } = stream;
  const events = [...stream.events];
  for (const event of decided) {
    const version = events.length + 1;
    const placed = { ...place(event, version, context), position: 1000 + version };
    events.push(placed);
    whole = evolve(whole, placed);
    target = lacks(target, placed) ? withoutHistory(whole) : evolve(target, placed);
  }
  return { events, target, whole, sent: stream.sent + 1 };
};
