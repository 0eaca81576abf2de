import type { Actor, CommitRef, Deployment, Time } from '#domain';
import { nobody, presentActor, type People } from './people.js';

type Tenure = Readonly<{ deployment: Deployment; since: Time; until: Time | null; seconds: number }>;

/** What was current on a target at one moment and at a later one, as the views have it. */
export type Difference = Readonly<{
  project: string;
  target: string;
  before: Tenure | null;
  after: Tenure | null;
  actor: Actor;
  changes: number;
}>;

export type PresentedTenure = Readonly<{
  id: number;
  number: number;
  version: string;
  commitRefs: readonly CommitRef[];
  actor: Actor;
  since: Time;
  until: Time | null;
  seconds: number;
}>;

export type PresentedDifference = Readonly<
  Omit<Difference, 'before' | 'after'> & { before: PresentedTenure | null; after: PresentedTenure | null }
>;

/** What changed on a target between two moments, as `GET /diff` shows it. Positions must be known. */
export const presentDifference = (difference: Difference, people: People = nobody): PresentedDifference => {
  const { project, target, before, after, actor, changes } = difference;
  return {
    project,
    target,
    before: before && presentTenure(before, people),
    after: after && presentTenure(after, people),
    actor: presentActor(actor, people),
    changes,
  };
};

const presentTenure = ({ deployment, since, until, seconds }: Tenure, people: People): PresentedTenure => {
  const { created, number, version, commitRefs, actor } = deployment;
  if (created.position === null) throw new Error(`The position of deployment ${number} is not filled in`);
  return {
    id: created.position,
    number,
    version,
    commitRefs,
    actor: presentActor(actor, people),
    since,
    until,
    seconds,
  };
};
