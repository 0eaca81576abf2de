import fc from 'fast-check';

export const kinds = ['begin', 'start', 'succeed', 'fail', 'cancel'] as const;
export type Kind = (typeof kinds)[number];

/** Something that is to be reported; numbers choose among what there is then. */
export type Step = Readonly<{ kind: Kind; target: number; release: number; pick: number; sender: number }>;

const some = fc.nat({ max: 60 });
/** Whatever may happen: what makes no sense where it comes, or cannot be said in a dialect, is left out when it is played. */
export const histories: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.record({
    // Most of what begins goes on.
    kind: fc.constantFrom<Kind>('begin', 'begin', 'start', 'start', 'succeed', 'succeed', 'fail', 'cancel'),
    target: some,
    release: some,
    pick: some,
    sender: some,
  }),
  { minLength: 5, maxLength: 14 },
);

export const targets = ['staging', 'production', 'review/7'] as const;
export const senders = ['ci', 'ann'] as const;
export type Sender = (typeof senders)[number];

/** What is deployed: few of them, so that some are deployed again. */
export type Release = Readonly<{ ref: string; commit: string }>;
const releases: readonly Release[] = ['v1.0.0', 'v1.1.0', 'feature/x'].map((ref, n) => ({
  ref,
  commit: `${n + 1}`.repeat(40),
}));

export type Standing = 'scheduled' | 'deploying' | 'current' | 'completed' | 'failed' | 'canceled';

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
export const fluent = { says: kinds, begins: 'scheduled', overlaps: true, recovers: true, failsWaiting: true } as const;

/** A report: of the deployment with this place in the order in which they began. */
export type Report = Readonly<{ kind: Kind; index: number; told: Readonly<Told>; link: string; sender: Sender }>;

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
    if (step.kind === 'begin') begin(step, told, { speech, sender });
    else move(told[index]!, step.kind, told);
    if (speech.linked.includes(step.kind)) told[index]!.link = link;
    reports.push({ kind: step.kind, index, told: { ...told[index]! }, link, sender });
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
  const may = (each: Told): boolean => {
    if (step.kind === 'start') return each.status === 'scheduled';
    const isLate = step.kind === 'succeed' && recovers && ['failed', 'canceled'].includes(each.status);
    return isLate || (isOpen(each) && (failsWaiting || step.kind !== 'fail' || each.status === 'deploying'));
  };
  const candidates = told.flatMap((each, index) => (may(each) ? [index] : []));
  return candidates.length === 0 ? undefined : candidates[step.pick % candidates.length];
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

const become = { start: 'deploying', succeed: 'current', fail: 'failed', cancel: 'canceled' } as const;
const gives = { deploying: 'canceled', current: 'completed' } as const;

function move(one: Told, kind: Exclude<Kind, 'begin'>, told: readonly Told[]): void {
  const status = become[kind];
  for (const each of told) {
    // Of these there is one on a target.
    const isReplaced = each !== one && each.target === one.target && each.status === status;
    if (isReplaced && (status === 'deploying' || status === 'current')) each.status = gives[status];
  }
  one.status = status;
}
