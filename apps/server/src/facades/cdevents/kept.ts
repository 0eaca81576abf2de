import type { Metadata } from '#domain';
import { keptBy, keeping, textIn, withoutUndefined } from '../kept.js';
import { cdevents } from './dialect.js';
import type { CDEvent } from './read-cdevent.js';

/** What is kept of the events of a deployment; `service` is the type of the one that told of the service that runs by it. */
export type Kept = Readonly<{
  id?: string;
  source?: string;
  type?: string;
  artifactId?: string;
  deployment?: string;
  service?: string;
}>;

export function keptOf(metadata: Metadata): Kept {
  const kept = keptBy(metadata, cdevents);
  const names = ['id', 'source', 'type', 'artifactId', 'deployment', 'service'] as const;
  return withoutUndefined(Object.fromEntries(names.map((name) => [name, textIn(kept[name])])));
}

/** The metadata with the last event; which deployment it is, and that its service was told of, stays. */
export const keepingCDEvent = (stands: Metadata, { id, source, type, artifactId, deployment }: CDEvent): Metadata => {
  const service = deployment === undefined ? type : undefined;
  return keeping(stands, cdevents, {
    ...keptOf(stands),
    ...withoutUndefined({ id, source, type, artifactId, deployment, service }),
  });
};
