import { environmentTypes, fromEpochMillis, type EnvironmentType, type Time } from '#domain';
import { clock } from '#runtime';
import { objectIn, textIn } from '../kept.js';
import { timeOf } from '../time-of.js';
import { readAssociations, type Association } from './associations.js';
import { badRequest } from './dialect.js';
import type { Identity } from './identity.js';
import { Members } from './members.js';
import type { Properties, Recorded } from './recorded.js';
import { states, type State } from './states.js';

const MOST_PROPERTIES = 5;

/** One deployment as it is reported. */
export type Submitted = Readonly<{
  identity: Identity;
  updateSequenceNumber: bigint;
  state: State;
  lastUpdated: Time;
  /** What is deployed, by the best name that there is. */
  version: string;
  url: string;
  description: string;
  environmentType: EnvironmentType;
  triggeredBy: string | undefined;
  /** What is kept of it, but for the report that it makes. */
  recorded: Omit<Recorded, 'report' | 'updateSequenceNumber'>;
  unknown: readonly Association[];
}>;
/** One that cannot be read, as far as it can be named, and why. */
export type Unreadable = Readonly<{ identity: Identity; faults: readonly string[]; unknown: readonly Association[] }>;
export type Item = Submitted | Unreadable;

export const isReadable = (item: Item): item is Submitted => 'recorded' in item;

/** Reads what is posted in bulk; throws where it is no such thing at all. What is wrong with one item is told of that one. */
export function readSubmission(body: unknown): readonly Item[] {
  const { deployments, properties, providerMetadata } = objectIn(body) ?? {};
  if (!Array.isArray(deployments) || deployments.length === 0)
    throw badRequest('deployments: must be a list of at least one deployment');
  const product = textIn(objectIn(providerMetadata)?.['product']);
  const shared = { ...propertiesOf(properties), ...(product ? { product: product.slice(0, 255) } : {}) };
  return deployments.map((each, n) => readItem(new Members(each, `deployments[${n}]`), shared));
}

/** Values are texts; what else can be written as one is. */
function propertiesOf(value: unknown): { properties?: Properties } {
  const given = objectIn(value ?? {});
  if (!given) throw badRequest('properties: must be an object');
  const entries = Object.entries(given).filter(([, each]) => each !== undefined && each !== null);
  if (entries.length > MOST_PROPERTIES) throw badRequest(`properties: must be at most ${MOST_PROPERTIES}`);
  if (!entries.every(([name]) => isPropertyName(name)))
    throw badRequest('properties: names must have 1 to 255 characters, no `:` and no `_` at the beginning');
  const texts = entries.map(([name, each]) => [name, plainText(each)] as const).filter(isShort);
  if (texts.length < entries.length) throw badRequest('properties: values must be texts of up to 255 characters');
  return texts.length > 0 ? { properties: Object.fromEntries(texts) } : {};
}

const isShort = (entry: readonly [string, string | undefined]): entry is readonly [string, string] =>
  entry[1] !== undefined && entry[1].length <= 255;

const plainText = (value: unknown): string | undefined =>
  typeof value === 'number' || typeof value === 'boolean' ? String(value) : textIn(value);

const isPropertyName = (name: string): boolean => /^[^_:][^:]{0,254}$/s.test(name);

type Shared = Pick<Recorded, 'properties' | 'product'>;

function readItem(members: Members, shared: Shared): Item {
  const identity = identityIn(members);
  const { known, unknown, faults } = readAssociations(members.value('associations'), members.value('issueKeys'));
  faults.forEach((fault) => members.fault(fault));
  const pipeline = {
    ...textsIn(members.object('pipeline'), identity.pipelineId),
    url: members.object('pipeline').url('url'),
  };
  const environment = members.object('environment');
  const environmentType = environment.oneOf('type', environmentTypes);
  const [displayName, label] = [members.text('displayName'), members.optional('label')];
  const { text: lastUpdated, time } = timeIn(members);
  const read: Submitted = {
    identity,
    updateSequenceNumber: members.int64('updateSequenceNumber'),
    state: members.oneOf('state', states),
    lastUpdated: time,
    version: versionOf(label, displayName, identity),
    url: members.url('url'),
    description: members.text('description'),
    environmentType,
    triggeredBy: textIn(objectIn(members.value('triggeredBy'))?.['email'])?.slice(0, 255),
    recorded: {
      deploymentSequenceNumber: String(identity.deploymentSequenceNumber),
      pipeline,
      environment: { ...textsIn(environment, identity.environmentId), type: environmentType },
      displayName,
      lastUpdated,
      associations: known,
      ...(label ? { label } : {}),
      ...durationIn(members),
      ...commandsIn(members),
      ...shared,
    },
    unknown,
  };
  return members.faults.length > 0 ? { identity, faults: members.faults, unknown } : read;
}

/** What is missing in it is empty, or 0: a rejection has to name something. */
function identityIn(members: Members): Identity {
  return {
    pipelineId: members.object('pipeline').id('id'),
    environmentId: members.object('environment').id('id'),
    deploymentSequenceNumber: members.int64('deploymentSequenceNumber'),
  };
}

const textsIn = (members: Members, id: string) => ({ id, displayName: members.text('displayName') });

const versionOf = (label: string, displayName: string, { deploymentSequenceNumber }: Identity): string =>
  [label, displayName].map((each) => each.replaceAll(/[\p{Cc}\p{Cs}]+/gu, ' ').trim()).find(Boolean) ??
  String(deploymentSequenceNumber);

/** RFC 3339, or another spelling that JavaScript knows. */
function timeIn(members: Members): Readonly<{ text: string; time: Time }> {
  const text = members.text('lastUpdated');
  const time = timeOf(text);
  if (time === undefined) members.fault(`${members.path}.lastUpdated: must be a time of ISO 8601`);
  const now = fromEpochMillis(clock.now());
  // Clocks and zones of clients are off; that something happened after it was reported is not so.
  return { text: time ?? now, time: time === undefined || time > now ? now : time };
}

function durationIn(members: Members): Pick<Recorded, 'duration'> {
  const seconds = Number(members.value('duration') ?? Number.NaN);
  return Number.isFinite(seconds) ? { duration: seconds } : {};
}

/** A list of them, or one alone, as the Jenkins plugin has it. */
function commandsIn(members: Members): Pick<Recorded, 'commands'> {
  const commands = [members.value('commands') ?? []]
    .flat()
    .flatMap((each) => textIn(objectIn(each)?.['command']) ?? []);
  return commands.length > 0 ? { commands } : {};
}
