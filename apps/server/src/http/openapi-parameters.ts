import { commandIdPattern, keyPattern, linePattern, MAX_COMMAND_ID, MAX_KEY } from '#contracts';
import type { ParameterName } from './parameters.js';

const key = { type: 'string', minLength: 1, maxLength: MAX_KEY, pattern: keyPattern.source };
const count = { type: 'integer', minimum: 1, maximum: Number.MAX_SAFE_INTEGER };

const inPaths: Readonly<Record<string, object>> = {
  project: {
    schema: key,
    description: 'The key of the project in Unicode form NFC, percent-encoded as one segment: `octocat%2Fexample`.',
    example: 'web-shop',
  },
  target: {
    schema: key,
    description: 'The key of the target in Unicode form NFC, percent-encoded as one segment: `review%2F42`.',
    example: 'production',
  },
  number: { schema: count, description: 'Counts the deployments of the target.', example: 1 },
  id: { schema: count, description: 'The id of the deployment.', example: 4711 },
  sha: {
    schema: { type: 'string', minLength: 1 },
    description:
      'The commit, or what it begins with, of at least 7 characters. Capital and small letters are the same where it is hexadecimal.',
    example: 'abc1234',
  },
  issue: {
    schema: { type: 'string', minLength: 1 },
    description: 'The key or the id of the issue, percent-encoded. Capital and small letters are the same.',
    example: 'SHOP-123',
  },
  version: { schema: { type: 'string', minLength: 1 }, description: 'The version, percent-encoded.', example: '1.4.0' },
  tokenId: {
    schema: { type: 'string', format: 'uuid' },
    description: 'The id of the token.',
    example: '0199f6a5-0c1d-7a41-b6f2-5d8e3c7a9b10',
  },
  position: { schema: count, description: 'The position of the event.', example: 6 },
  actorId: {
    schema: { type: 'string', minLength: 1 },
    description: 'The id of the person as reads show it, percent-encoded.',
    example: 'ann@example.org',
  },
  commandId: {
    schema: { type: 'string', minLength: 1, maxLength: MAX_COMMAND_ID, pattern: linePattern.source },
    description:
      "The id of the command, percent-encoded. Those that begin with `shiplog:` are the service's own: of time-outs, and of records without an id.",
    example: 'build-4711-finish',
  },
};

const inHeaders: Readonly<Record<string, object>> = {
  'Idempotency-Key': {
    schema: { type: 'string', minLength: 1, maxLength: MAX_COMMAND_ID, pattern: commandIdPattern.source },
    description:
      'The id of the command, unique within its target and UTF-8; without one the service makes one. Those that begin with `shiplog:` are reserved.',
    example: 'build-4711-finish',
  },
  'If-Match': {
    schema: { type: 'string', pattern: '^"(0|[1-9][0-9]{0,15})"$' },
    description: 'The version that the target must have: its `ETag`.',
    example: '"17"',
  },
  'If-None-Match': {
    schema: { type: 'string' },
    description: 'The `ETag` that the client has: 304 while it still holds.',
    example: '"kZ2yq0v6mTn4sR8wLxJd3A"',
  },
  'Last-Event-ID': {
    schema: { type: 'string', pattern: '^[0-9]{1,16}$' },
    description: 'The position of the last event that came: the stream goes on behind it. 0 replays all.',
    example: '4712',
  },
};

/** What a query may look like, by its parameters. */
const inQueries: Readonly<Partial<Record<ParameterName, unknown>>> = {
  project: 'web-shop',
  target: 'production',
  environmentType: 'production',
  at: '2026-11-17T12:00:00Z',
  by: 'occurred',
  status: 'current',
  version: '1.4.0',
  repository: 'web-shop',
  branch: 'release',
  commit: 'abc1234',
  actor: 'ci',
  from: '2026-11-01T00:00:00Z',
  to: '2026-12-01T00:00:00Z',
  type: ['DeploymentFinished'],
  after: 4_700,
  limit: 50,
  cursor: 'eyJwIjo0NzEyfQ',
  hashes: 'true',
  size: 7,
  fromSize: 1,
  toSize: 7,
  min_position: 4_712,
};

/** Counts that are called as moments are elsewhere. */
const calledAlike: Readonly<Record<string, ParameterName>> = { from: 'fromSize', to: 'toSize' };

type Parameter = { name?: string; in?: string; required?: boolean; schema?: object; example?: unknown };

/** The parameters of an operation: those of its path, in its order, and those that its decorators name. */
export const parametersOf = (path: string, declared: readonly Parameter[]): Parameter[] => [
  ...[...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name: name!,
    in: 'path',
    required: true,
    ...(inPaths[name!] ?? { schema: { type: 'string' } }),
  })),
  ...declared.filter((parameter) => parameter.in !== 'path').map(shown),
];

/** Pages that try a request out fill in an example, but not those of a schema: what may be left out is. */
function shown(declared: Parameter): Parameter {
  const { example, ...parameter } = { ...declared, ...moreOf(declared) };
  if (example === undefined) return parameter;
  return parameter.required
    ? { ...parameter, example }
    : { ...parameter, schema: { ...parameter.schema, examples: [example] } };
}

function moreOf({ name, in: place, schema }: Parameter): Parameter {
  if (place === 'header') return inHeaders[name!] ?? {};
  const isCount = (schema as { type?: unknown }).type === 'integer';
  const example = isCount && calledAlike[name!] ? inQueries[calledAlike[name!]!] : inQueries[name as ParameterName];
  return example === undefined ? {} : { example };
}
