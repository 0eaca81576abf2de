import { keyOf } from '../key-of.js';
import type { Identified } from '../standings.js';

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
export const identifiedBy = (identity: Identity): Identified => ({
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

/** What the clients that do not percent-encode ids write below `pipelines/`; an id may contain `/` then. */
const UNENCODED = /^(.+)\/environments\/(.+)\/deployments\/([^/]+?)(\/gating-status)?$/s;

export type NamedByPath = Readonly<{ pipelineId: string; environmentId: string; number: string; isGating: boolean }>;

/** The identity in such a path; undefined where it has none. */
export function namedBy(path: string): NamedByPath | undefined {
  const [, pipelineId, environmentId, number, gating] = UNENCODED.exec(path) ?? [];
  if (pipelineId === undefined) return undefined;
  return { pipelineId, environmentId: environmentId!, number: number!, isGating: gating !== undefined };
}
