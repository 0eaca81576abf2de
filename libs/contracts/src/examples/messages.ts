import type { EventType, PublicCommandType } from '#domain';
import { ceHeadersOf, ceHeadersOfCurrent, ceHeadersOfOutcome, commandCeType } from '../cloud-events.js';
import { presentDeployment, presentOutcome, type CommandOutcome } from '../wire.js';
import { commandExamples } from './command-routes.js';
import { eventExamples } from './every-event.js';
import { standing } from './scenes.js';
import { COMMAND_ID, loggedOf, PROJECT, STORE_ID, TARGET, tell } from './story.js';

/** A record of a topic, as an example. */
export type MessageExample = Readonly<{ name: string; headers?: object; payload?: unknown }>;

const key = `${PROJECT}/${TARGET}`;
const AT = '2026-11-20T10:03:00.043218Z';

const givenOnes: readonly PublicCommandType[] = [
  'RetireDeployment',
  'ApproveDeployment',
  'RejectDeployment',
  'ChangeDeployment',
  'DeleteDeployment',
];

/** Each command as a record: bare, and as a CloudEvent in binary mode. */
export const commandMessageExamples = (type: PublicCommandType): MessageExample[] => {
  const { body } = commandExamples(type)[0]!;
  const { occurredAt = '2026-11-20T10:00:00Z', ...said } = body as { occurredAt?: string };
  const data = { ...(givenOnes.includes(type) ? { number: 1 } : {}), ...said };
  const record = {
    type,
    project: PROJECT,
    target: TARGET,
    actor: { id: 'jenkins', kind: 'service' },
    occurredAt,
    data,
  };
  return [
    { name: 'bare', payload: { commandId: COMMAND_ID, ...record } },
    {
      name: 'cloudEvent',
      headers: { ce_specversion: '1.0', ce_id: COMMAND_ID, ce_type: commandCeType(type) },
      payload: record,
    },
  ];
};

/** A command as a CloudEvent in structured mode. */
export const structuredCommandExamples = (): MessageExample[] => {
  const type = 'FinishDeployment';
  const [, { payload: data }] = commandMessageExamples(type) as [MessageExample, MessageExample];
  const event = { specversion: '1.0', id: COMMAND_ID, source: '/jenkins', type: commandCeType(type), data };
  return [{ name: 'structured', headers: { 'content-type': 'application/cloudevents+json' }, payload: event }];
};

/** Each event as it is published. */
export const eventMessageExamples = (): ReadonlyMap<EventType, MessageExample> =>
  new Map(
    [...eventExamples()].map(([type, event]) => [
      type as EventType,
      { name: 'published', headers: ceHeadersOf(STORE_ID, loggedOf(event)), payload: event.data },
    ]),
  );

const outcomeOf = (outcome: CommandOutcome): MessageExample => ({
  name: outcome.outcome,
  headers: ceHeadersOfOutcome(
    STORE_ID,
    { stream: `target:${key}`, commandId: COMMAND_ID, seq: 31, version: outcome.version, recordedAt: AT },
    outcome,
  ),
  payload: presentOutcome(outcome),
});

export const outcomeMessageExamples = (): MessageExample[] => [
  outcomeOf({
    commandId: COMMAND_ID,
    outcome: 'accepted',
    position: 4_705,
    version: 5,
    events: [{ type: 'DeploymentFinished', version: 5, position: 4_705 }],
  }),
  outcomeOf({
    commandId: COMMAND_ID,
    outcome: 'rejected',
    code: 'version_required',
    detail: 'No open deployment matches, and a new one needs a version: name it.',
    position: 4_705,
    version: 5,
    events: [],
  }),
];

/** What is current now, and the tombstone of a target on which nothing is. */
export const currentMessageExamples = (): MessageExample[] => {
  const deployment = presentDeployment(PROJECT, TARGET, tell(standing).target.current!);
  const headersOf = (position: number, value: unknown) =>
    ceHeadersOfCurrent(STORE_ID, { key, position, time: AT, value: value === null ? null : JSON.stringify(value) });
  return [
    { name: 'current', headers: headersOf(4_705, deployment), payload: deployment },
    { name: 'tombstone', headers: headersOf(4_709, null), payload: null },
  ];
};

export const deadMessageExamples: MessageExample[] = [
  {
    name: 'noJson',
    headers: {
      'shiplog-reason': 'malformed: value: is not JSON',
      'shiplog-topic': 'shiplog.commands',
      'shiplog-partition': '7',
      'shiplog-offset': '1041',
    },
    payload: 'finish production',
  },
];
