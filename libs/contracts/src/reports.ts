import type { Deployment, Time } from '#domain';
import { nobody, type People } from './people.js';
import { presentDeployment, type PresentedDeployment } from './wire.js';

/** A target that runs a version or ran it, and the deployment that says so. */
export type PresentedTargetOfVersion = Readonly<{
  project: string;
  target: string;
  isCurrent: boolean;
  deployment: PresentedDeployment;
}>;

export const presentTargetOfVersion = (
  project: string,
  target: string,
  deployment: Deployment,
  people: People = nobody,
): PresentedTargetOfVersion => ({
  project,
  target,
  isCurrent: deployment.status === 'current',
  deployment: presentDeployment(project, target, deployment, people),
});

/** How many, and the ids of the newest of them. */
type Counted = Readonly<{ count: number; deployments: readonly number[] }>;

type Restoration = Readonly<{
  deployment: number;
  failedAt: Time;
  restoredBy: number | null;
  restoredAt: Time | null;
  seconds: number | null;
}>;

/** What was counted for the four keys, of one target or of many. */
export type DoraCounts = Readonly<{
  days: number;
  successes: Counted;
  changes: Counted;
  failures: Counted;
  restored: Readonly<{ count: number; medianSeconds: number | null; restorations: readonly Restoration[] }>;
  lead: Counted & Readonly<{ medianSeconds: number | null }>;
}>;

export type PresentedKeys = Readonly<{
  deploymentFrequency: Counted & Readonly<{ perDay: number }>;
  changeFailureRate: Readonly<{ rate: number | null; failures: Counted; changes: Counted }>;
  timeToRestore: Readonly<{
    medianSeconds: number | null;
    restored: number;
    notRestored: number;
    restorations: readonly Restoration[];
  }>;
  leadTime: Counted & Readonly<{ medianSeconds: number | null }>;
}>;

type Period = Readonly<{ from: Time; to: Time }>;
export type PresentedDora = Readonly<{ project: string; target: string } & Period & { days: number } & PresentedKeys>;
export type PresentedProjectDora = Readonly<
  { project: string } & Period & { days: number } & PresentedKeys & {
      targets: ReadonlyArray<Readonly<{ target: string } & PresentedKeys>>;
      targetCount: number;
    }
>;

/** The four keys of a target over a period. */
export const presentDora = (project: string, target: string, period: Period, counts: DoraCounts): PresentedDora => ({
  project,
  target,
  from: period.from,
  to: period.to,
  days: counts.days,
  ...presentKeys(counts),
});

/** The four keys of a project over a period, then of each of its targets that has any, as far as they are named. */
export const presentProjectDora = (
  project: string,
  period: Period,
  whole: DoraCounts,
  {
    targets,
    targetCount,
  }: Readonly<{
    targets: ReadonlyArray<DoraCounts & { target: string | null }>;
    targetCount: number;
  }>,
): PresentedProjectDora => ({
  project,
  from: period.from,
  to: period.to,
  days: whole.days,
  ...presentKeys(whole),
  targets: targets.map((each) => ({ target: each.target!, ...presentKeys(each) })),
  targetCount,
});

const presentKeys = ({ days, successes, changes, failures, restored, lead }: DoraCounts): PresentedKeys => ({
  deploymentFrequency: { perDay: successes.count / days, ...counted(successes) },
  changeFailureRate: {
    rate: changes.count === 0 ? null : failures.count / changes.count,
    failures: counted(failures),
    changes: counted(changes),
  },
  timeToRestore: {
    medianSeconds: restored.medianSeconds,
    restored: restored.count,
    notRestored: failures.count - restored.count,
    restorations: restored.restorations,
  },
  leadTime: { medianSeconds: lead.medianSeconds, ...counted(lead) },
});

const counted = ({ count, deployments }: Counted): Counted => ({ count, deployments });
