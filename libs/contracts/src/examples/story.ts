import { addMinutes, findDeployment, targetDecider, toTime, type Actor, type PlacedEvent } from '#domain';
import type { CommandType, Deployment, PublicCommandType, Target, Time } from '#domain';
import { toCommand } from '../command.js';
import type { LoggedEvent } from '../cloud-events.js';
import { presentAnswer, type CommandOutcome, type PresentedAnswer } from '../wire.js';

/** A command of an example: the body that is sent for the project and target of all examples. */
export type Step = Readonly<{ type: CommandType; body: Body; number?: number; actor?: Actor }>;
export type Body = Readonly<{ occurredAt?: string; [member: string]: unknown }>;

/** A target after some commands, with all that happened to it. */
export type Story = Readonly<{
  target: Target;
  events: readonly PlacedEvent[];
  /** What the last command brought about, and the deployment that it concerned. */
  last: Readonly<{ events: readonly PlacedEvent[]; number: number | null }>;
}>;

export const PROJECT = 'web-shop';
export const TARGET = 'production';
export const STORE_ID = '0199f6a3-2c41-7d3e-9f55-6f0c8a1b2d4e';
export const COMMAND_ID = '0199f6a4-71b8-7c06-8a3f-b1d5a2c4e6f8';
const BEGINNING: Time = '2026-11-20T10:00:00.000000Z';
/** The store had events before: a position is not a version. */
const FIRST_POSITION = 4_700;
const ci: Actor = { id: 'ci', kind: 'service' };

const nothing: Story = {
  target: targetDecider.initial(PROJECT, TARGET, { history: true }),
  events: [],
  last: { events: [], number: null },
};

/** Has the domain decide these commands one minute after the other: what examples show is what happens. Throws where one is refused. */
export const tell = (steps: ReadonlyArray<Step | ((story: Story) => Step)>): Story =>
  steps.reduce((story, step, index) => next(story, typeof step === 'function' ? step(story) : step, index), nothing);

const next = (story: Story, { type, body, number, actor = ci }: Step, index: number): Story => {
  const { occurredAt, ...data } = body;
  const context = { actor, occurredAt: toTime(occurredAt ?? addMinutes(BEGINNING, index))! };
  const given = number === undefined ? {} : { number };
  // Those of the timekeeper are put together alike.
  const addressed = { type: type as PublicCommandType, project: PROJECT, target: TARGET, ...given };
  const command = toCommand(addressed, data);
  const decision = targetDecider.decide(story.target, command, context);
  if (!('events' in decision)) throw new Error(`The example of ${type} is refused: ${JSON.stringify(decision)}`);
  const events = decision.events.map((event, at) => {
    const version = story.target.version + at + 1;
    return { ...context, ...event, version, position: FIRST_POSITION + version } as PlacedEvent;
  });
  const target = events.reduce(targetDecider.evolve, story.target);
  return { target, events: [...story.events, ...events], last: { events, number: decision.number } };
};

/** What the last command of a story is answered. */
export const answerOf = ({ target, last }: Story): PresentedAnswer => {
  const outcome: CommandOutcome = {
    commandId: COMMAND_ID,
    outcome: 'accepted',
    position: FIRST_POSITION + target.version,
    version: target.version,
    events: last.events.map(({ type, version }) => ({ type, version, position: FIRST_POSITION + version })),
  };
  return presentAnswer({ outcome, target, deployment: deploymentOf(target, last.number) });
};

const deploymentOf = (target: Target, number: number | null): Deployment | null =>
  number === null ? null : findDeployment(target, number);

/** An event as the log keeps it. */
export const loggedOf = ({ type, version, position, data, actor, occurredAt }: PlacedEvent): LoggedEvent => ({
  position: position ?? FIRST_POSITION + version,
  stream: `target:${PROJECT}/${TARGET}`,
  version,
  type,
  data: JSON.stringify(data),
  metadata: JSON.stringify({ actor }),
  commandId: COMMAND_ID,
  occurredAt,
  recordedAt: occurredAt.replace('.000000Z', '.043218Z'),
});
