import type { Deployment, Target } from '#domain';
import type { Seen } from '../facade-reads.js';
import { wireOf, type Association } from './associations.js';
import { keyText, type Identity } from './identity.js';
import type { Environment, Pipeline, Recorded } from './recorded.js';
import { holds, stateOf } from './states.js';

/** Its target as it is, and where the deployment is found natively. */
type Around = Readonly<{ own: Target; url: string }>;

const MOST = 255;
const upTo = (text: string): string => [...text].slice(0, MOST).join('');

/** The JSON of a deployment that a client of Jira reported. */
export const reportedText = (seen: Seen, recorded: Recorded, url: string): string =>
  textOf(seen, { ...ofJira(recorded), recorded, url });

/** The JSON of one that nobody reported in this dialect. */
export const ownText = (seen: Seen, around: Around): string =>
  textOf(seen, { ...ofOurs(seen, around), recorded: undefined, url: around.url });

type Said = Readonly<{
  number: number | string;
  update: number | string;
  own: object;
  recorded: Recorded | undefined;
  url: string;
}>;

function textOf({ shown, deployment }: Seen, { number, update, own, recorded, url }: Said): string {
  const shape = {
    ...own,
    url: shown.externalLink?.url ?? url,
    description: upTo(shown.description ?? ''),
    lastUpdated: lastUpdatedOf(deployment, recorded),
    label: shown.version,
    state: stateOf(shown.status, recorded?.report),
    schemaVersion: '1.0',
  };
  return `{"deploymentSequenceNumber":${number},"updateSequenceNumber":${update},${JSON.stringify(shape).slice(1)}`;
}

const ofJira = ({ deploymentSequenceNumber, updateSequenceNumber = '0', commands, ...recorded }: Recorded) => ({
  number: deploymentSequenceNumber,
  update: updateSequenceNumber,
  own: {
    associations: wireOf(recorded.associations),
    displayName: recorded.displayName,
    pipeline: recorded.pipeline,
    environment: recorded.environment,
    ...(recorded.duration === undefined ? {} : { duration: recorded.duration }),
    ...(commands ? { commands: commands.map((command) => ({ command })) } : {}),
  },
});

/** What nobody reported in this dialect gets what comes nearest; every event of its target counts as an update. */
const ofOurs = ({ shown, deployment }: Seen, around: Around) => ({
  number: shown.id,
  update: around.own.version,
  own: {
    associations: associationsOf(deployment),
    displayName: upTo(shown.version),
    pipeline: pipelineOf(around),
    environment: environmentOf(around.own),
  },
});

/** What the approvals of its target say to it. */
export function gatingText(identity: Identity, { deployment }: Seen): string {
  const shape = { updatedTimestamp: newestTime(deployment), gatingStatus: gatingOf(deployment), details: [] };
  return `${keyText(identity).slice(0, -1)},${JSON.stringify(shape).slice(1)}`;
}

export type GatingStatus = 'allowed' | 'prevented' | 'awaiting';

function gatingOf({ status }: Pick<Deployment, 'status'>): GatingStatus {
  if (status === 'blocked') return 'awaiting';
  return status === 'canceled' ? 'prevented' : 'allowed';
}

const newestTime = ({ createdAt, startedAt, finishedAt, endedAt }: Deployment): string =>
  [createdAt, startedAt, finishedAt, endedAt]
    .filter((time) => time !== null)
    .reduce((newest, time) => (time > newest ? time : newest));

/** As it was said, unless something happened since. */
function lastUpdatedOf(deployment: Deployment, recorded: Recorded | undefined): string {
  const isSaid = recorded?.report && holds(recorded.report, deployment.status);
  return isSaid ? recorded.lastUpdated : newestTime(deployment);
}

const pipelineOf = ({ own: { project }, url }: Around): Pipeline => ({ id: project, displayName: upTo(project), url });

const environmentOf = ({ key, name, environmentType }: Target): Environment => ({
  id: key,
  displayName: name ?? key,
  type: environmentType,
});

function associationsOf({ commitRefs }: Deployment): Association[] {
  const commits = commitRefs.flatMap(({ repository, commit }) =>
    commit === undefined ? [] : [{ commitHash: commit, repositoryId: repository }],
  );
  return commits.length > 0 ? [{ associationType: 'commit', values: commits }] : [];
}
