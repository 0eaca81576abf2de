import { keyOf } from '../key-of.js';

/** What tells a deployment from all others in Jira: three names that its sender chooses. */
export type Identity = Readonly<{
  pipelineId: string;
  environmentId: string;
  /** Of 64 bits: more than a number holds. */
  deploymentSequenceNumber: bigint;
}>;

/** Where a deployment of this identity is here: a pipeline is a project, an environment a target. */
export const placeOf = ({ pipelineId, environmentId }: Pick<Identity, 'pipelineId' | 'environmentId'>) => ({
  project: keyOf(pipelineId),
  target: keyOf(environmentId),
});

/** By what a deployment of this identity is found again. */
export const identifiedBy = (identity: Identity) => ({
  ...placeOf(identity),
  name: `jira:${identity.deploymentSequenceNumber}`,
});

/** The JSON of a key: its number may have more digits than a number of JavaScript. */
export const keyText = ({ pipelineId, environmentId, deploymentSequenceNumber }: Identity): string =>
  `{"pipelineId":${JSON.stringify(pipelineId)},"environmentId":${JSON.stringify(environmentId)},` +
  `"deploymentSequenceNumber":${deploymentSequenceNumber}}`;

/** An integer of 64 bits, as a number or, as many clients have it, as a text; undefined for anything else. */
export function int64In(value: unknown): bigint | undefined {
  const isNumber = typeof value === 'number' && Number.isSafeInteger(value);
  if (!isNumber && !(typeof value === 'string' && /^\s*[+-]?\d{1,19}\s*$/.test(value))) return undefined;
  const integer = BigInt(typeof value === 'string' ? value.trim().replace('+', '') : value);
  return BigInt.asIntN(64, integer) === integer ? integer : undefined;
}

export type NamedByPath = Readonly<{ pipelineId: string; environmentId: string; number: string; isGating: boolean }>;

const [ENVIRONMENTS, DEPLOYMENTS, GATING] = ['/environments/', '/deployments/', '/gating-status'];

/**
 * The identity in what the clients that do not percent-encode ids write below `pipelines/`; undefined where it has none. An id may
 * contain `/` then: the last of each name is the one that counts. Looked for without a regular expression, which would try each
 * with each in a path that has hundreds of both.
 */
export function namedBy(path: string): NamedByPath | undefined {
  const isGating = path.endsWith(GATING);
  const named = isGating ? path.slice(0, -GATING.length) : path;
  const deployments = named.lastIndexOf(DEPLOYMENTS);
  const number = named.slice(deployments + DEPLOYMENTS.length);
  // An id has a character at least.
  const environments = named.lastIndexOf(ENVIRONMENTS, deployments - ENVIRONMENTS.length - 1);
  if (deployments < 0 || number === '' || number.includes('/') || environments < 1) return undefined;
  const environmentId = named.slice(environments + ENVIRONMENTS.length, deployments);
  return { pipelineId: named.slice(0, environments), environmentId, number, isGating };
}
