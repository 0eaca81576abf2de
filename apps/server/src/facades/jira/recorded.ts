import { toTime, statuses, type Metadata } from '#domain';
import { keeping, keptBy, objectIn, textIn } from '../kept.js';
import { associationsIn, type Associations } from './associations.js';
import { jira } from './dialect.js';
import { int64In } from './identity.js';
import { states, type Report } from './states.js';

/** What Jira says of a pipeline or an environment. */
export type Pipeline = Readonly<{ id: string; displayName: string; url: string }>;
export type Environment = Readonly<{ id: string; displayName: string; type: string }>;
export type Properties = Readonly<Record<string, string>>;

/** What Jira has of a deployment and the log does not, under Jira's names. */
export type Recorded = Readonly<{
  /** As texts: they have 64 bits. */
  deploymentSequenceNumber: string;
  /** Missing while the deployment is there and what was reported of it first is not done yet. */
  updateSequenceNumber?: string;
  pipeline: Pipeline;
  environment: Environment;
  displayName: string;
  label?: string;
  duration?: number;
  lastUpdated: string;
  associations: Associations;
  properties?: Properties;
  product?: string;
  commands?: readonly string[];
  report?: Report;
}>;

export const record = (stands: Metadata, recorded: Recorded): Metadata => keeping(stands, jira, recorded);

const known = new WeakMap<Metadata, Recorded | null>();

/** Undefined for a deployment that no client of Jira reported, or of which somebody overwrote that. */
export function recordedIn(metadata: Metadata): Recorded | undefined {
  let recorded = known.get(metadata);
  if (recorded === undefined) known.set(metadata, (recorded = read(keptBy(metadata, jira)) ?? null));
  return recorded ?? undefined;
}

function read(kept: Readonly<Record<string, unknown>>): Recorded | undefined {
  const [pipeline, environment] = [objectIn(kept['pipeline']), objectIn(kept['environment'])];
  const number = int64In(kept['deploymentSequenceNumber']);
  const lastUpdated = toTime(textIn(kept['lastUpdated']) ?? '');
  if (number === undefined || !lastUpdated || !pipeline || !environment) return undefined;
  const update = int64In(kept['updateSequenceNumber']);
  const text = (of: Readonly<Record<string, unknown>>, name: string): string => textIn(of[name]) ?? '';
  const optional = { label: textIn(kept['label']), product: textIn(kept['product']), report: reportIn(kept['report']) };
  return {
    deploymentSequenceNumber: String(number),
    ...(update === undefined ? {} : { updateSequenceNumber: String(update) }),
    pipeline: { id: text(pipeline, 'id'), displayName: text(pipeline, 'displayName'), url: text(pipeline, 'url') },
    environment: {
      id: text(environment, 'id'),
      displayName: text(environment, 'displayName'),
      type: text(environment, 'type'),
    },
    displayName: text(kept, 'displayName'),
    lastUpdated,
    associations: associationsIn(kept['associations']),
    ...(Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)) as object),
    ...(typeof kept['duration'] === 'number' ? { duration: kept['duration'] } : {}),
    ...propertiesIn(kept['properties']),
    ...(Array.isArray(kept['commands']) ? { commands: kept['commands'].map(String) } : {}),
  };
}

function reportIn(value: unknown): Report | undefined {
  const kept = objectIn(value);
  const state = states.find((each) => each === kept?.['state']);
  const held = statuses.find((each) => each === kept?.['while']);
  return state && held ? { state, while: held } : undefined;
}

function propertiesIn(value: unknown): { properties?: Properties } {
  const kept = Object.entries(objectIn(value) ?? {}).filter((each): each is [string, string] => !!textIn(each[1]));
  return kept.length > 0 ? { properties: Object.fromEntries(kept) } : {};
}
