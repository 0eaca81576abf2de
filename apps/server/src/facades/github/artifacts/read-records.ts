import { isKey, type EnvironmentType } from '#domain';
import { environmentTypeOf } from '../../environment-type.js';
import { keyOf } from '../../key-of.js';
import { objectIn, textIn } from '../../kept.js';
import { Body } from '../body.js';
import { invalidRequest } from '../dialect.js';
import { projectOf } from '../names.js';
import type { Artifact } from '../recorded.js';

/** What is said to run somewhere, or to run there no longer. */
export type ArtifactRecord = Readonly<{
  project: string;
  target: string;
  environmentType: EnvironmentType;
  version: string;
  isDeployed: boolean;
  artifact: Artifact;
}>;
/** Where a cluster is, which all of its records share. */
export type Where = Readonly<{ logical: string; physical: string; cluster: string }>;

const DIGEST = /^sha256:[0-9a-f]{64}$/;
const RISKS = ['critical-resource', 'internet-exposed', 'lateral-movement', 'sensitive-data'];
const MOST_OF_PLACE = 128;
const MOST = 256;
const MOST_TAGS = 5;
const MOST_OF_TAG = 100;
/** Of a digest without a version so much is the version, as of a commit. */
const SHORT = 12;
/** Stands for the part of a place that is not said. */
const NONE = '-';

export const readWhere = (body: Body, cluster = body.text('cluster', MOST_OF_PLACE) ?? ''): Where => ({
  logical: namedIn(body, 'logical_environment', MOST_OF_PLACE),
  physical: body.text('physical_environment', MOST_OF_PLACE)?.trim() ?? '',
  cluster,
});

/** One record; `byDefault` is its status where it names none. */
export function readRecord(body: Body, org: string, where: Where, byDefault?: string): ArtifactRecord {
  const name = namedIn(body, 'name', MOST);
  const digest = body.required('digest');
  if (!DIGEST.test(digest))
    throw invalidRequest(`For 'properties/digest', ${digest.slice(0, 100)} does not match sha256:<hex>.`);
  const status = body.text('status') ?? byDefault ?? body.required('status');
  if (status !== 'deployed' && status !== 'decommissioned')
    throw invalidRequest(
      `For 'properties/status', ${status.slice(0, 100)} is not a member of ["deployed", "decommissioned"].`,
    );
  const deployment = namedIn(body, 'deployment_name', MOST);
  const { logical, physical, cluster } = where;
  return {
    project: projectIn(org, name, body.text('github_repository', MOST)),
    target: keyOf([logical, physical || NONE, cluster || NONE, deployment].join('/')),
    environmentType: environmentTypeOf(logical),
    version: body.text('version', MOST_OF_TAG)?.trim() || digest.slice('sha256:'.length).slice(0, SHORT),
    isDeployed: status === 'deployed',
    artifact: {
      ...{ name, digest, logical_environment: logical, physical_environment: physical, cluster },
      ...{ deployment_name: deployment, tags: tagsIn(body), runtime_risks: risksIn(body) },
    },
  };
}

/** The records of a cluster, each of a deployment of its own. */
export function readRecords(body: Body, org: string, cluster: string): ArtifactRecord[] {
  const where = readWhere(body, cluster);
  const given = body.value('deployments');
  if (!Array.isArray(given) || given.length === 0)
    throw invalidRequest("For 'properties/deployments', it is not an array of at least one deployment.");
  const names = new Set<string>();
  return given.map((each: unknown) => {
    const record = readRecord(new Body(objectIn(each) ?? []), org, where, 'deployed');
    const { deployment_name: name } = record.artifact;
    if (names.has(name))
      throw invalidRequest(`For 'properties/deployments', the deployment_name "${name}" is there twice.`);
    names.add(name);
    return record;
  });
}

function namedIn(body: Body, name: string, max: number): string {
  body.text(name, max);
  return body.required(name);
}

/** The repository that is said, else one that is called as the image is, without its registry, tag and digest. */
function projectIn(org: string, name: string, repository: string | undefined): string {
  const [owner, said] = repository?.includes('/') ? repository.split(/\/(.*)/s, 2) : [org, repository];
  if (owner !== org)
    throw invalidRequest(`For 'properties/github_repository', ${repository} does not belong to ${org}.`);
  const [plain = ''] = name.split('@', 1);
  const image = plain
    .split('/')
    .findLast((part) => part !== '')
    ?.split(':', 1)[0];
  const called = said || image;
  const project = called ? projectOf(org, called) : '';
  if (!isKey(project)) throw invalidRequest(`For 'properties/name', ${name} names no repository.`);
  return project;
}

function tagsIn(body: Body): Readonly<Record<string, string>> {
  const given = body.value('tags') === undefined ? {} : objectIn(body.value('tags'));
  const tags = Object.entries(given ?? {});
  const isTag = ([name, value]: [string, unknown]): boolean =>
    name.length <= MOST_OF_TAG && (textIn(value)?.length ?? Infinity) <= MOST_OF_TAG;
  if (!given || tags.length > MOST_TAGS || !tags.every(isTag))
    throw invalidRequest(
      `For 'properties/tags', it is not an object of at most ${MOST_TAGS} strings of up to ${MOST_OF_TAG} characters.`,
    );
  return Object.fromEntries(tags) as Record<string, string>;
}

function risksIn(body: Body): readonly string[] {
  const risks = body.texts('runtime_risks') ?? [];
  const unknown = risks.find((risk) => !RISKS.includes(risk));
  if (unknown !== undefined)
    throw invalidRequest(
      `For 'items/runtime_risks', ${unknown.slice(0, 100)} is not a member of ${JSON.stringify(RISKS)}.`,
    );
  return [...new Set(risks)];
}
