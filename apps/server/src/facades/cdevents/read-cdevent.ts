import { badInput } from '#contracts';
import { isKey, toTime, type Time } from '#domain';
import { isLink } from '../is-link.js';
import { objectIn, textIn } from '../kept.js';
import type { CloudEvent } from './read-cloud-event.js';

/** What a CDEvent says that happened; with `finished` how it ended. */
export type Happening =
  'deployed' | 'rolledback' | 'removed' | 'queued' | 'started' | 'succeeded' | 'failed' | 'canceled';

/** A CDEvent about a service or a deployment, as far as it says what is deployed where. */
export type CDEvent = Readonly<{
  id: string;
  source: string;
  type: string;
  happened: Happening;
  project: string;
  target: string;
  /** Undefined where a service was removed. */
  version: string | undefined;
  artifactId: string | undefined;
  /** Of a deployment: the subject, which all events of it share. */
  deployment: string | undefined;
  occurredAt: Time | undefined;
  link: string | undefined;
}>;

const TYPE = /^dev\.cdevents\.(service|deployment)\.([a-z]+)\.\d+\.\d+\.\d+(?:-[\w.]+)?$/;
const happenings: Readonly<Record<string, Happening | 'finished'>> = {
  'service.deployed': 'deployed',
  'service.upgraded': 'deployed',
  'service.rolledback': 'rolledback',
  'service.removed': 'removed',
  'deployment.queued': 'queued',
  'deployment.started': 'started',
  'deployment.finished': 'finished',
};
const outcomes: Readonly<Record<string, Happening>> = {
  success: 'succeeded',
  failure: 'failed',
  error: 'failed',
  cancel: 'canceled',
};

/** Undefined for an event of another type: a bus sends whatever there is. Throws BadInput for one that lacks what it must have. */
export function readCDEvent(event: CloudEvent, given: string | undefined): CDEvent | undefined {
  const [, kind, predicate] = TYPE.exec(event.type) ?? [];
  const said = happenings[`${kind}.${predicate}`];
  if (said === undefined) return undefined;
  const { subjectId, content, timestamp } = partsOf(event);
  const happened = said === 'finished' ? outcomeIn(content['outcome']) : said;
  const deployment = kind === 'deployment' ? subjectId : undefined;
  const { artifactId, name, version } = happened === 'removed' ? NO_ARTIFACT : readArtifact(content['artifactId']);
  const project = given ?? (deployment === undefined ? subjectId : name);
  const { id, source, type, time } = event;
  return {
    id,
    source,
    type,
    happened,
    project: keyIn(project, deployment === undefined ? 'data.subject.id' : ARTIFACT),
    target: keyIn(required(objectIn(content['environment'])?.['id'], ENVIRONMENT), ENVIRONMENT),
    version,
    artifactId,
    deployment,
    occurredAt: time ?? timestamp,
    link: [content['url'] ?? content['uri']].find(isLink),
  };
}

function partsOf({ data: given }: CloudEvent) {
  const data = objectIn(given) ?? {};
  const subject = objectIn(data['subject']) ?? {};
  return {
    subjectId: required(subject['id'], 'data.subject.id'),
    content: objectIn(subject['content']) ?? {},
    timestamp: toTime(textIn(objectIn(data['context'])?.['timestamp']) ?? ''),
  };
}

const ENVIRONMENT = 'data.subject.content.environment.id';
const ARTIFACT = 'data.subject.content.artifactId';

function required(value: unknown, field: string): string {
  if (typeof value !== 'string' || value === '') throw badInput(field, 'is missing');
  return value;
}

function keyIn(text: string | undefined, field: string): string {
  if (text === undefined || !isKey(text))
    throw badInput(field, 'must be 1 to 200 characters in Unicode form NFC, without control characters');
  return text;
}

function outcomeIn(value: unknown): Happening {
  const word = typeof value === 'string' ? value.toLowerCase() : '';
  const outcome = Object.hasOwn(outcomes, word) ? outcomes[word] : undefined;
  if (!outcome) throw badInput('data.subject.content.outcome', `must be one of ${Object.keys(outcomes).join(', ')}`);
  return outcome;
}

const PURL = /^pkg:[\w.+-]+\/([^@?#]+)(?:@([^?#]+))?(?:\?([^#]*))?/i;

type Artifact = Readonly<Record<'artifactId' | 'name' | 'version', string | undefined>>;
const NO_ARTIFACT: Artifact = { artifactId: undefined, name: undefined, version: undefined };

/** Name and version of a package URL; a tag says more than the digest of an image. What is no such URL is a version itself. */
function readArtifact(given: unknown): Artifact {
  const artifactId = required(given, ARTIFACT);
  const [, name, version, qualifiers] = PURL.exec(artifactId) ?? [];
  const tag = new URLSearchParams(qualifiers).get('tag');
  return {
    artifactId,
    name: name === undefined ? undefined : decoded(name).replace(/^\/+|(?<!\/)\/+$/g, ''),
    version: tag || (version === undefined ? artifactId : decoded(version)),
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
