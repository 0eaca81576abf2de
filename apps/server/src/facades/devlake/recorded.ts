import { MAX_METADATA_BYTES } from '#contracts';
import type { Metadata } from '#domain';
import { keeping, keptBy, textIn } from '../kept.js';
import { devlake } from './dialect.js';
import type { Reported } from './read-deployment.js';
import { resultOf, type Result } from './results.js';

/** With what was said of a deployment and has no other place; of its commits, as much as there is room for. */
export function record(stands: Metadata, reported: Reported, result: Result | undefined): Metadata {
  const { id, more, commits } = reported;
  const kept = { id, ...more, ...(result ? { result } : {}) };
  const deploymentCommits = commits.map(({ more: said, ...commit }) => ({ ...commit, ...said }));
  const whole = keeping(stands, devlake, { ...kept, deploymentCommits });
  return Buffer.byteLength(JSON.stringify(whole)) <= MAX_METADATA_BYTES ? whole : keeping(stands, devlake, kept);
}

/** The result that was reported last; undefined while that is not done. */
export const recordedResult = (metadata: Metadata): Result | undefined =>
  resultOf(textIn(keptBy(metadata, devlake)['result']) ?? '');
