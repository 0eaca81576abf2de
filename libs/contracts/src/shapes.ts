import { environmentTypes, statuses, violations } from '#domain';
import type { JsonSchema } from './rules.js';

type Members = Readonly<Record<string, JsonSchema>>;

/** A reference that holds in openapi.json and asyncapi.json alike. */
export const refTo = (name: string): JsonSchema => ({ $ref: `#/components/schemas/${name}` });

/** An object with members that always stand and members that stand where they apply. Readers must take others too: they come. */
export const shape = (always: Members, perhaps: Members = {}): JsonSchema => ({
  type: 'object',
  properties: { ...always, ...perhaps },
  required: Object.keys(always),
});
export const listOf = (items: JsonSchema): JsonSchema => ({ type: 'array', items });
export const orNull = (schema: JsonSchema): JsonSchema => ({ anyOf: [schema, { type: 'null' }] });
export const oneOf = (values: readonly string[]): JsonSchema => ({ type: 'string', enum: values });

export const text: JsonSchema = { type: 'string' };
export const time: JsonSchema = {
  type: 'string',
  format: 'date-time',
  description: 'UTC with microseconds, always spelled alike: comparing two as texts compares them as moments.',
  pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}\\.\\d{6}Z$',
};
/** Counts from 1: numbers of deployments, versions of streams. */
export const count: JsonSchema = { type: 'integer', minimum: 1, maximum: Number.MAX_SAFE_INTEGER };
export const countOrNone: JsonSchema = { ...count, minimum: 0 };
export const flag: JsonSchema = { type: 'boolean' };

export const status = oneOf(statuses);
export const actor = shape({ id: text, kind: oneOf(['user', 'service', 'system']) }, { name: text });
export const claimedBy = shape({ id: text }, { name: text });
const commitRef = shape({ repository: text, branch: text }, { commit: text });
const timeOut = shape({ enabled: flag, afterMinutes: { type: 'number', exclusiveMinimum: 0 } });

/** What a request may bring about a deployment, as it stands. */
export const content: Members = {
  version: text,
  commitRefs: listOf(commitRef),
  externalLink: orNull(shape({ url: text }, { label: text })),
  description: orNull(text),
  metadata: { type: 'object' },
  scheduledFor: orNull(time),
};

export const violationList = listOf(oneOf(violations));

export const settings = shape({
  manualControls: flag,
  hanging: timeOut,
  failing: timeOut,
  requireSchedule: flag,
  approvals: listOf(shape({ name: text, required: count })),
});

/** A target without what is deployed on it. */
export const target: Members = {
  project: text,
  key: text,
  name: orNull(text),
  description: orNull(text),
  repositories: listOf(text),
  environmentType: oneOf(environmentTypes),
  externalUrl: orNull(text),
  labels: { type: 'object', additionalProperties: text },
  settings,
  version: { ...count, description: "Version of the target's stream." },
  createdAt: time,
};
