import type { FieldError } from '#contracts';
import type { Problem } from '../../http/problem.js';
import { Refused, type Dialect, type Refusal } from '../dialect.js';

/** The incoming webhook of Apache DevLake: on its own port, and as its config UI passes it on. */
export const devlake: Dialect = {
  name: 'devlake',
  prefixes: ['/plugins/webhook', '/api/plugins/webhook', '/rest/plugins/webhook', '/api/rest/plugins/webhook'],
  projectOf: ({ connection }) => connection,
  refusal: (problem) => refusalOf(problem),
};

/** What DevLake answers to everything that it does. */
export const done: object = { code: 0, success: true, message: 'success', causes: null, data: null };

const refuse = (status: number, message: string, causes: readonly string[] = []): Refusal => ({
  status,
  body: { code: 0, success: false, message, causes, data: null },
});

/** All that is wrong with a body. */
export const badInput = (causes: readonly string[]): Refused =>
  new Refused(refuse(400, `input json error (400)\nWraps: ${causes.join('\n')}`, causes));

const messages: Readonly<Record<number, string>> = {
  401: 'api key is missing or invalid',
  404: 'not found',
  500: 'internal error',
};

function refusalOf({ status, message, more }: Problem): Refusal {
  if (more.errors) return { ...badInput(more.errors.map(causeOf)).refusal, status };
  return refuse(status, messages[status] ?? message);
}

/** What a member of a command stands for in a body of this dialect. */
const members: ReadonlyArray<readonly [string, string]> = [
  ['target', 'originalEnvironment'],
  ['version', 'deploymentCommits[0].refName'],
  ['externalLink', 'url'],
  ['description', 'displayTitle'],
];

const causeOf = ({ field, message }: FieldError): string => {
  const name = members.find(([ours]) => field.startsWith(ours))?.[1] ?? commitMember(field);
  return `${name}: ${message}`;
};

const commitMember = (field: string): string =>
  field
    .replace(/^commitRefs/, 'deploymentCommits')
    .replace(/\.repository$/, '.repoUrl')
    .replace(/\.branch$/, '.refName')
    .replace(/\.commit$/, '.commitSha');
