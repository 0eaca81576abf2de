import { toTime, type CommandType, type PlacedEvent } from '#domain';
import { body, commitRefs, lead, release } from './scenes.js';
import { tell, type Story, type Step } from './story.js';

const LATER = toTime('2026-11-21T10:00:00Z')!;
const bySystem = { actor: { id: 'timekeeper', kind: 'system' } } as const;
const other = { version: '1.4.1', commitRefs: [{ repository: 'web-shop', branch: 'hotfix', commit: 'def5678' }] };
const timeOuts = { hanging: { enabled: true, afterMinutes: 30 }, failing: { enabled: true, afterMinutes: 120 } };

/** The timekeeper saw the clock of this deployment long ago. */
const timedOut =
  (number: number) =>
  ({ target, events }: Story): Step => {
    const { clockVersion } = target.open.find((each) => each.number === number)!;
    const { occurredAt } = events.find(({ version }) => version === clockVersion)!;
    const data = { clockVersion, clockSetAt: occurredAt, now: LATER };
    return { type: 'TimeOutDeployment', number, body: data, ...bySystem };
  };

const due =
  (number: number) =>
  ({ target }: Story): Step => {
    const { dueVersion } = target.open.find((each) => each.number === number)!;
    return { type: 'DueDeployment', number, body: { dueVersion, now: LATER }, ...bySystem };
  };

const given = (type: CommandType, number: number, said: object = {}): Step => ({ type, number, body: { ...said } });
const approvals = [{ name: 'release', required: 1 }];

/** One target through all that can happen to it: a story in which every event stands at least once. */
const steps: ReadonlyArray<Step | ((story: Story) => Step)> = [
  { type: 'CreateTarget', body: { ...body.create, settings: { ...timeOuts, approvals } } },
  { type: 'ScheduleDeployment', body: body.planned },
  { ...given('ApproveDeployment', 1, { comment: 'Tried on staging.' }), actor: lead },
  due(1),
  given('StartDeployment', 1),
  { type: 'FinishDeployment', body: release },
  { type: 'ScheduleDeployment', body: other },
  { ...given('RejectDeployment', 2, { comment: 'Not before the holidays.' }), actor: lead },
  { type: 'ChangeTarget', body: { settings: { approvals: [], failing: { enabled: false, afterMinutes: 120 } } } },
  { type: 'ScheduleDeployment', body: { version: '1.4.2', commitRefs } },
  given('ChangeDeployment', 3, { description: 'With the new prices.' }),
  given('StartDeployment', 3),
  { type: 'StartDeployment', body: other },
  timedOut(3),
  given('FinishDeployment', 3),
  { type: 'ChangeTarget', body: { settings: { failing: timeOuts.failing } } },
  { type: 'StartDeployment', body: { version: '1.4.3', commitRefs } },
  timedOut(4),
  given('RetireDeployment', 3),
  { type: 'ScheduleDeployment', body: { version: '1.4.4', commitRefs } },
  given('CancelDeployment', 5, { reason: 'The release was called off.' }),
  given('DeleteDeployment', 5),
  { type: 'DeleteTarget', body: {} },
];

/** An example of each event type, as it stands in the log. */
export const eventExamples = (): ReadonlyMap<string, PlacedEvent> =>
  new Map(tell(steps).events.map((event) => [event.type, event]));
