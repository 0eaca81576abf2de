import { expect } from '@jest/globals';
import { currentIn, unique, type TestServer } from './server.js';
import { spaceClient } from './space.js';
import { exchange } from './wire.js';

/** What a client that cannot run here sends, and what it reads of the answers; `{project}` is a project of its own. */
export type Step = Readonly<{
  sends: [method: string, path: string, body?: object | string];
  status: number;
  /** Where it sends others than with all the rest. */
  headers?: Readonly<Record<string, string>>;
  reads?: object;
}>;
export type RecordedClient = Readonly<{
  name: string;
  headers: Readonly<Record<string, string>>;
  steps: readonly Step[];
  /** The target that it makes, and what is deployed there in the end, newest first. */
  target: string;
  becomes: readonly object[];
}>;

/** A moment as Space writes it. */
export const millis = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as unknown as string;

/** Below this are the routes of the project. */
export const at = '/api/http/projects/key:{project}/automation';
export const makes = (key: string): Step => ({
  sends: ['POST', `${at}/deployment-targets`, { key, name: key, description: key }],
  status: 200,
});

/** Sends what a client sends to a project of its own, and holds the answers to what it reads. */
export async function replay(api: TestServer, { headers, steps, target, becomes }: RecordedClient): Promise<void> {
  const project = unique('recorded');
  for (const {
    sends: [method, path, body],
    status,
    reads,
    headers: own,
  } of steps) {
    const sent = {
      method,
      path: path.replaceAll('{project}', project),
      headers: own ?? headers,
      ...(body ? { body } : {}),
    };
    const answered = await exchange(api.server.url, sent);
    const type = answered.headers['content-type'];
    expect([path, answered.status, type]).toEqual([path, status, 'application/json; charset=utf-8']);
    if (reads) expect(JSON.parse(answered.body)).toMatchObject(reads);
  }
  const shown = await spaceClient(() => api).native(project, target);
  expect(shown).toEqual(becomes.map((each) => expect.objectContaining(each)));
  const current = shown.filter(({ status }) => status === 'current');
  expect(await currentIn(api, project)).toEqual(Object.fromEntries(current.map(({ version }) => [target, version])));
}
