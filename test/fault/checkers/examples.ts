import type { Logged, Violation } from './evidence.js';

export const invariants = (violations: readonly Violation[]): string[] => [
  ...new Set(violations.map(({ invariant }) => invariant)),
];

export const A = 'target:p/a';
const refs = [{ repository: 'web', branch: 'main' }];
export const at = (second: number): string => `2026-11-20T10:00:${String(second).padStart(2, '0')}.000000Z`;

export type Told = Readonly<{ type: string; data: object; commandId: string; recordedAt?: string; stream?: string }>;
export const logOf = (...told: Told[]): Logged[] => {
  const versions = new Map<string, number>();
  return told.map(({ type, data, commandId, recordedAt, stream = A }, i) => {
    const version = (versions.get(stream) ?? 0) + 1;
    versions.set(stream, version);
    return {
      ...{
        position: i + 1,
        stream,
        version,
        id: `id-${i}`,
        type,
        data: JSON.stringify(data),
        metadata: JSON.stringify({ actor: { id: 'pipeline', kind: 'service' } }),
        commandId,
      },
      ...{ occurredAt: at(i), recordedAt: recordedAt ?? at(i) },
    };
  });
};
export const deployment = (number: number, from: string | null, status: string, more: object = {}) => ({
  ...{ number, from, status, commitRefs: refs },
  ...more,
});
export const created: Told = { type: 'TargetCreated', data: {}, commandId: 'c1' };
export const started: Told = { type: 'DeploymentStarted', data: deployment(1, null, 'deploying'), commandId: 'c2' };
export const finished: Told = {
  type: 'DeploymentFinished',
  data: deployment(1, 'deploying', 'current'),
  commandId: 'c3',
};
