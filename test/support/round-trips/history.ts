import fc from 'fast-check';

/** What every system can say of a deployment, more or less. */
export const common = ['begin', 'start', 'succeed', 'fail', 'cancel'] as const;
/** `retire`: what is current is taken down; `rollback`: what was current before is current again. */
export const kinds = [...common, 'retire', 'rollback'] as const;
export type Kind = (typeof kinds)[number];

/** Of those that may be picked. */
const LAST = -1;

/** Something that is to be reported; numbers choose among what there is then. */
export type Step = Readonly<{ kind: Kind; target: number; release: number; pick: number; sender: number }>;

const some = fc.nat({ max: 60 });
const among = { target: some, release: some, sender: some };
/** Most of what begins goes on. */
const often = { begin: 3, start: 2, succeed: 2, fail: 1, cancel: 1, retire: 1, rollback: 2 } as const;
const kind = fc.oneof(...kinds.map((each) => ({ weight: often[each], arbitrary: fc.constant(each) })));
const single = fc.record({ kind, pick: some, ...among }).map((step): Step[] => [step]);
/** A release that goes through: what came before it on its target is there to be rolled back to. */
const through = fc.record(among).map((step): Step[] => [
  { ...step, kind: 'begin', pick: LAST },
  { ...step, kind: 'succeed', pick: LAST },
]);
/** Whatever may happen: what makes no sense where it comes, or cannot be said in a dialect, is left out when it is played. */
export const histories: fc.Arbitrary<readonly Step[]> = fc
  .array(fc.oneof({ weight: 3, arbitrary: single }, { weight: 1, arbitrary: through }), {
    minLength: 5,
    maxLength: 18,
  })
  .map((turns) => turns.flat());

export const targets = ['staging', 'production', 'review/7'] as const;
export const senders = ['ci', 'ann'] as const;
export type Sender = (typeof senders)[number];

/** What is deployed: few of them, so that some are deployed again. */
export type Release = Readonly<{ ref: string; commit: string }>;
const releases: readonly Release[] = ['v1.0.0', 'v1.1.0', 'feature/x'].map((ref, n) => ({
  ref,
  commit: `${n + 1}`.repeat(40),
}));

export type Standing =
  'blocked' | 'scheduled' | 'deploying' | 'current' | 'completed' | 'failed' | 'canceled' | 'retired' | 'rolled_back';

/** A deployment as it should stand: `by` began it. */
export type Told = { target: string; release: Release; status: Standing; link: string | null; by: Sender };

/** What a dialect can say. */
export type Speech = Readonly<{
  says: readonly Kind[];
  /** What a deployment is as soon as it is told of. */
  begins: 'scheduled' | 'deploying';
  /** Which reports carry a link. */
  linked: readonly Kind[];
  /** Whether a deployment can begin while another one of its target has not ended. */
  overlaps: boolean;
  /** Whether one that failed or was canceled can be reported to have succeeded all the same. */
  recovers: boolean;
  /** Whether what waits can be reported to have failed. */
  failsWaiting: boolean;
}>;

/** Of those that have a word for everything. */
export const fluent = {
  says: common,
  begins: 'scheduled',
  overlaps: true,
  recovers: true,
  failsWaiting: true,
} as const;

/** A report: of the deployment with this place in the order in which they began; `to`: the place of the one that is rolled back to. */
export type Report = Readonly<{
  kind: Kind;
  index: number;
  told: Readonly<Told>;
  link: string;
  sender: Sender;
  to?: number;
}>;

type Played = Readonly<{ reports: readonly Report[]; expected: readonly Told[] }>;

/** What of a history is reported in a dialect, and what should come of it. */
export function played(steps: readonly Step[], speech: Speech): Played {
  const told: Told[] = [];
  const reports: Report[] = [];
  for (const step of steps) {
    const index = speech.says.includes(step.kind) ? placeOf(step, told, speech) : undefined;
    if (index === undefined) continue;
    const sender = senders[step.sender % senders.length]!;
    const link = `https://ci.example/${reports.length + 1}`;
    const to = step.kind === 'rollback' ? rollBack(step, told, sender) : undefined;
    if (step.kind === 'begin') begin(step, told, { speech, sender });
    else if (step.kind !== 'rollback') move(told[index]!, step.kind, told);
    if (speech.linked.includes(step.kind)) told[index]!.link = link;
    reports.push({
      kind: step.kind,
      index,
      told: { ...told[index]! },
      link,
      sender,
      ...(to === undefined ? {} : { to }),
    });
  }
  return { reports, expected: told };
}

const isOpen = ({ status }: Told): boolean => status === 'scheduled' || status === 'deploying';

/** Which deployment the step is about; undefined where there is none of which it can be said. */
function placeOf(step: Step, told: readonly Told[], { overlaps, recovers, failsWaiting }: Speech): number | undefined {
  if (step.kind === 'begin') {
    const target = targets[step.target % targets.length];
    return overlaps || !told.some((each) => each.target === target && isOpen(each)) ? told.length : undefined;
  }
  if (step.kind === 'rollback') return pastOf(step, told) === undefined ? undefined : told.length;
  const may = (each: Told): boolean => {
    if (step.kind === 'retire') return each.status === 'current';
    if (step.kind === 'start') return each.status === 'scheduled';
    const isLate = step.kind === 'succeed' && recovers && ['failed', 'canceled'].includes(each.status);
    return isLate || (isOpen(each) && (failsWaiting || step.kind !== 'fail' || each.status === 'deploying'));
  };
  const candidates = told.flatMap((each, index) => (may(each) ? [index] : []));
  return candidates.at(step.pick % candidates.length);
}

function begin(step: Step, told: Told[], { speech, sender }: Readonly<{ speech: Speech; sender: Sender }>): void {
  const target = targets[step.target % targets.length]!;
  const release = releases[step.release % releases.length]!;
  for (const each of told) {
    if (each.target !== target || each.status !== speech.begins) continue;
    // One is in flight at a time; of those that wait, one of each branch.
    if (speech.begins === 'deploying' || each.release === release) each.status = 'canceled';
  }
  told.push({ target, release, status: speech.begins, link: null, by: sender });
}

const currentBeside = (one: Told, told: readonly Told[]): Told | undefined =>
  told.find(({ target, status }) => target === one.target && status === 'current');

/** What was current, and is not what runs there now; where something is on its way, that goes first. */
function pastOf(step: Step, told: readonly Told[]): number | undefined {
  const candidates = told.flatMap((each, index) => {
    const current = currentBeside(each, told);
    const isPast = ['completed', 'rolled_back', 'retired'].includes(each.status);
    const isFree = !told.some((other) => other.target === each.target && isOpen(other));
    return current && isPast && isFree && current.release !== each.release ? [index] : [];
  });
  return candidates.at(step.pick % candidates.length);
}

function rollBack(step: Step, told: Told[], sender: Sender): number {
  const to = pastOf(step, told)!;
  const { target, release } = told[to]!;
  currentBeside(told[to]!, told)!.status = 'rolled_back';
  told.push({ target, release, status: 'current', link: null, by: sender });
  return to;
}

const become = {
  start: 'deploying',
  succeed: 'current',
  fail: 'failed',
  cancel: 'canceled',
  retire: 'retired',
} as const;
const gives = { deploying: 'canceled', current: 'completed' } as const;

function move(one: Told, kind: Exclude<Kind, 'begin' | 'rollback'>, told: readonly Told[]): void {
  const status = become[kind];
  for (const each of told) {
    // Of these there is one on a target.
    const isReplaced = each !== one && each.target === one.target && each.status === status;
    if (isReplaced && (status === 'deploying' || status === 'current')) each.status = gives[status];
  }
  one.status = status;
}
