import {
  decide,
  evolve,
  initialTarget,
  place,
  streamOf,
  type CommandContext,
  type PlacedEvent,
  type Target,
  type TargetCommand,
} from '#domain';

export const PROJECT = 'bench';

/** A command and the stream that it is for. */
export type Work = Readonly<{ stream: string; command: TargetCommand; context: CommandContext }>;

const context: CommandContext = { actor: { id: 'ci', kind: 'service' }, occurredAt: '2026-11-20T10:00:00.000000Z' };
const work = (command: TargetCommand): Work => ({ stream: streamOf(PROJECT, command.target), command, context });
const keyOf = (index: number): string => `target-${index}`;

/** Creates every target and deploys something to it, so that each later finish supersedes what is current. */
export function* beginnings(targets: number): Generator<Work, void> {
  for (let i = 0; i < targets; i += 1) {
    yield work({ type: 'CreateTarget', project: PROJECT, target: keyOf(i), data: {} });
  }
  for (let i = 0; i < targets; i += 1) {
    yield work({ type: 'FinishDeployment', project: PROJECT, target: keyOf(i), data: { version: '1.0.0' } });
  }
}

/**
 * The same commands for everybody who asks with the same seed: on targets drawn at random, start and finish in turn. Whoever asks
 * for the next may say among how many of the targets it is drawn.
 */
export function* startsAndFinishes(seed: number, targets: number): Generator<Work, never, number | undefined> {
  const random = randomFrom(seed);
  let among: number | undefined;
  const started = new Map<number, string>();
  for (let count = 1; ; count += 1) {
    const index = Math.floor(random() * (among ?? targets));
    const version = started.get(index) ?? `2.${count}.0`;
    const type = started.delete(index) ? 'FinishDeployment' : 'StartDeployment';
    if (type === 'StartDeployment') started.set(index, version);
    const commitRefs = [
      { repository: 'web-shop', branch: 'main', commit: version.replaceAll('.', '').padStart(40, 'a') },
    ];
    among = yield work({ type, project: PROJECT, target: keyOf(index), data: { version, commitRefs } });
  }
}

/** A target and one success after the other on it: valid in whatever order they arrive. */
export function* onOneTarget(target: string): Generator<Work, never> {
  yield work({ type: 'CreateTarget', project: PROJECT, target, data: {} });
  for (let count = 1; ; count += 1) {
    yield work({ type: 'FinishDeployment', project: PROJECT, target, data: { version: `${count}.0.0` } });
  }
}

/** The events that the waist writes for a command; `targets` are as the commands before have left them. */
export function decideOn(targets: Map<string, Target>, { stream, command, context }: Work): PlacedEvent[] {
  const before = targets.get(stream) ?? initialTarget(command.project, command.target);
  const decision = decide(before, command, context);
  if (!('events' in decision)) throw new Error(`${command.type} was not accepted`);
  const placed = decision.events.map((event, i) => place(event, before.version + 1 + i, context));
  targets.set(stream, placed.reduce(evolve, before));
  return placed;
}

/** mulberry32 */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
