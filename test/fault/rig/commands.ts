import type { Random } from '../../support/random.js';

export const PROJECT = 'rig';
export const targets = Array.from({ length: 24 }, (_, n) => `t${n}`);
/** Of these, deployments hang after three seconds and fail after six. */
const IMPATIENT = 8;

/** A command as both ways in take it: by its type and data, or by its route and body. */
export type Wish = Readonly<{
  type: string;
  route: string;
  target: string;
  data: Readonly<Record<string, unknown>>;
  expectedVersion?: number;
  /** When it happened, as its sender says; by default when it arrives. */
  occurredAt?: string;
}>;

/** How many of the wishes are to be decided on the version of the target that senders have seen last, or not at all. */
const CONDITIONAL = 0.2;
/** How many say when what they report happened. */
const DATED = 0.2;

/** What senders know of the versions of targets. */
export class SeenVersions {
  private readonly versions = new Map<string, number>();

  note(target: string, version: number): void {
    this.versions.set(target, Math.max(version, this.versions.get(target) ?? 0));
  }

  /** Some wishes, as the seed has it, with the version that their target was seen at. */
  expectSome(wish: Wish, random: Random): Wish {
    const expectedVersion = this.versions.get(wish.target);
    return random() < CONDITIONAL && expectedVersion !== undefined ? { ...wish, expectedVersion } : wish;
  }
}

const verbs = [
  ['StartDeployment', 'start'],
  ['FinishDeployment', 'finish'],
  ['FailDeployment', 'fail'],
  ['ScheduleDeployment', 'schedule'],
  ['CancelDeployment', 'cancel'],
  ['RollbackDeployment', 'rollback'],
] as const;
/** Of each hundred. */
const shares = [36, 34, 8, 10, 6, 6];

const settings = {
  hanging: { enabled: true, afterMinutes: 0.05 },
  failing: { enabled: true, afterMinutes: 0.1 },
};

/** What makes the targets. */
export const creations = (): Wish[] =>
  targets.map((target, n) => ({
    type: 'CreateTarget',
    route: `/projects/${PROJECT}/targets`,
    target,
    data: n < IMPATIENT ? { settings } : {},
  }));

/** Any command of a pipeline, on any target. */
export function drawWish(random: Random): Wish {
  const target = targets[Math.floor(random() * targets.length)]!;
  let left = random() * 100;
  const at = shares.findIndex((share) => (left -= share) < 0);
  const [type, route] = verbs[at === -1 ? 0 : at]!;
  // The database's clock is this machine's; the replicas' are not, and what just happened is in the future of some.
  const when = random() < DATED ? { occurredAt: new Date().toISOString() } : {};
  return {
    type,
    route: `/projects/${PROJECT}/targets/${target}/${route}`,
    target,
    data: dataOf(type, random),
    ...when,
  };
}

function dataOf(type: string, random: Random): Record<string, unknown> {
  const n = Math.floor(random() * 5);
  if (type === 'RollbackDeployment') return {};
  const branch = `b${Math.floor(random() * 3)}`;
  const data = { version: `1.${n}`, commitRefs: [{ repository: 'web', branch, commit: `c${n}` }] };
  const soon = () => new Date(Date.now() + Math.floor(random() * 4_000)).toISOString();
  return type === 'ScheduleDeployment' && random() < 0.5 ? { ...data, scheduledFor: soon() } : data;
}

/** What is no command, by the bytes of its record; over HTTP it is bad input. */
const poisons = [
  '"StartDeployment"',
  'null',
  '[]',
  '{"type":"FinishDeployment"',
  '{"type":"Nonsense","project":"rig","target":"t1","data":{}}',
  '{"type":"StartDeployment","project":"rig","target":"t2","data":{"version":"1\\u0000"}}',
  '{"type":"StartDeployment","project":"rig","target":"t2","data":{"version":"\\ud800"}}',
  '{"type":"FinishDeployment","project":"rig","target":"elsewhere","data":{"version":"1"}}',
  `{"type":"StartDeployment","project":"rig","target":"t1","data":{"version":"1","metadata":${'{"a":'.repeat(500)}1${'}'.repeat(500)}}}`,
  '{"type":"StartDeployment","project":"rig","target":"t1","data":{"version":1e400}}',
];
export const drawPoison = (random: Random): string => poisons[Math.floor(random() * poisons.length)]!;
