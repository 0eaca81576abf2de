import fc from 'fast-check';
import { segment, type Ask, type Decision, type Native } from './dialect.js';
import { senders, type Sender, type Speech, type Standing } from './history.js';

/** The ways in which a deployment can be approved or rejected. */
const doors = ['native', 'gitlab'] as const;
type Deciding = Decision & Readonly<{ door: (typeof doors)[number] }>;

const afterwards = ['start', 'succeed', 'fail', 'cancel'] as const;
type Afterwards = (typeof afterwards)[number];

/** What becomes of a deployment on a target that asks for approvals. */
export type Gated = Readonly<{ required: number; decisions: readonly Deciding[]; afterwards: Afterwards | null }>;

export const gated: fc.Arbitrary<Gated> = fc.record({
  required: fc.integer({ min: 1, max: 2 }),
  decisions: fc.array(
    fc.record({
      door: fc.constantFrom(...doors),
      by: fc.constantFrom<Sender>(...senders),
      status: fc.oneof(
        { weight: 4, arbitrary: fc.constant('approved' as const) },
        { weight: 1, arbitrary: fc.constant('rejected' as const) },
      ),
    }),
    { maxLength: 4 },
  ),
  afterwards: fc.constantFrom(...afterwards, null),
});

type Decided = Readonly<{ decisions: readonly Deciding[]; status: 'blocked' | 'scheduled' | 'canceled' }>;

/** What is decided while it waits, and what that makes of it: each counts once, and one rejection is the end. */
export function decided({ required, decisions }: Gated): Decided {
  const counted: Deciding[] = [];
  for (const each of decisions) {
    if (counted.some(({ by }) => by === each.by) && each.status === 'approved') continue;
    counted.push(each);
    if (each.status === 'rejected') return { decisions: counted, status: 'canceled' };
    if (counted.length === required) return { decisions: counted, status: 'scheduled' };
  }
  return { decisions: counted, status: 'blocked' };
}

/** The status that a report afterwards leads to; undefined where it cannot be said, or is refused. */
export function afterwardsOf(status: Decided['status'], kind: Afterwards | null, speech: Speech): Standing | undefined {
  if (kind === null || status === 'canceled' || !speech.says.includes(kind)) return undefined;
  if (kind === 'start') return status === 'scheduled' ? 'deploying' : undefined;
  if (kind === 'fail') return speech.failsWaiting ? 'failed' : undefined;
  return kind === 'succeed' ? 'current' : 'canceled';
}

const places = {
  native: ({ project, target, number }: Native, { status }: Decision): [string, object] => [
    `/api/v1/projects/${segment(project)}/targets/${segment(target)}/deployments/${number}/${status === 'approved' ? 'approve' : 'reject'}`,
    {},
  ],
  gitlab: ({ project, id }: Native, { status }: Decision): [string, object] => [
    `/api/v4/projects/${segment(project)}/deployments/${id}/approval`,
    { status },
  ],
};

export const decide = (ask: Ask, waiting: Native, deciding: Deciding): Promise<unknown> =>
  ask(deciding.by, 'POST', ...places[deciding.door](waiting, deciding));

const types: Readonly<Record<string, Decision['status']>> = {
  DeploymentApproved: 'approved',
  DeploymentRejected: 'rejected',
};

/** What was decided of it, as its target's timeline tells natively. */
export async function decisionsOf(ask: Ask, { project, target }: Native): Promise<Decision[]> {
  const path = `/api/v1/projects/${segment(project)}/targets/${segment(target)}/timeline?limit=200`;
  const { items } = (await ask('ann', 'GET', path)).json;
  return items.flatMap(({ type, actor }: { type: string; actor: { id: Sender } }) => {
    const status = types[type];
    return status ? [{ by: actor.id, status }] : [];
  });
}
