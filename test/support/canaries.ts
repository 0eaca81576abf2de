import { randomBytes, randomUUID } from 'node:crypto';
import { API, type Loose, type TestServer } from './server.js';

/** A project in which every string that can be chosen is a bird of its own: `<name of the flock>x<place>`. */
export type Flock = Readonly<{
  /** What every bird begins with. */
  name: string;
  bird: (place: string) => string;
  /** All that were let out. */
  birds: ReadonlySet<string>;
  project: string;
  targets: readonly string[];
  /** Ids of deployments. */
  ids: readonly string[];
  commandIds: readonly string[];
  tokens: Readonly<{ service: Loose; person: Loose }>;
  /** Where the log stood afterwards, and when that was. */
  position: number;
  filledAt: string;
}>;

/** What both projects have, so that whoever asks for it would find either. */
export type Shared = Readonly<{ version: string; commit: string; branch: string; issue: string }>;
export const shared = (): Shared => ({
  version: `9.${randomBytes(4).toString('hex')}`,
  commit: randomBytes(20).toString('hex'),
  branch: 'main',
  issue: 'SHARED-1',
});

/** Fills a project by way of the commands: all statuses, all events, all places for a text. */
export async function fillProject(
  api: Pick<TestServer, 'call'>,
  { version, commit, branch, issue }: Shared,
): Promise<Flock> {
  const name = `canary${randomBytes(5).toString('hex')}`;
  const birds = new Set<string>();
  const bird = (place: string): string => {
    birds.add(`${name}x${place}`);
    return `${name}x${place}`;
  };
  const project = bird('project');
  const targets = [bird('target'), bird('gated'), bird('gone'), 'production'];
  const tokens = {
    service: await tokenOf(api, { name: bird('service'), projects: [project] }),
    person: await tokenOf(api, { name: bird('person'), projects: [project], kind: 'user' }),
  };
  const at = `${API}/projects/${project}/targets`;
  let commands = 0;
  const commandIds: string[] = [];
  const send = async (path: string, body: object, { method = 'POST', by = tokens.service } = {}): Promise<Loose> => {
    const commandId = bird(`command${(commands += 1)}`);
    commandIds.push(commandId);
    const reply = await api.call(`${at}${path}`, {
      method,
      body: { claimedBy: { id: bird(`claimed${commands}`), name: bird(`claimedname${commands}`) }, ...body },
      token: by.token,
      headers: { 'idempotency-key': commandId },
    });
    if (reply.status >= 300) throw new Error(`${path}: ${reply.text}`);
    return reply.body;
  };
  let refs = 0;
  const ref = () => ({
    repository: bird(`repository${(refs += 1)}`),
    branch: bird(`branch${refs}`),
    commit: bird(`commit${refs}`),
  });
  const said = () => ({
    commitRefs: [ref(), { repository: bird('repository'), branch, commit }],
    externalLink: { label: bird('linklabel'), url: `https://${bird('link')}.example/${bird('path')}` },
    description: bird('description'),
    metadata: {
      [bird('metadatakey')]: bird('metadata'),
      deep: [{ [bird('deepkey')]: bird('deep') }],
      jira: { associations: { issueKeys: [bird('issue1'), issue] } },
    },
  });
  const settings = { approvals: [{ name: bird('rule'), required: 1 }] };
  for (const key of targets)
    await send('', {
      key,
      name: bird('name'),
      description: bird('targetdescription'),
      repositories: [bird('repositoryoftarget')],
      externalUrl: `https://${bird('external')}.example`,
      labels: { [bird('label')]: bird('labelvalue') },
      environmentType: 'production',
      ...(key === bird('gated') ? { settings } : {}),
    });
  const [target, gated, gone] = targets.map((key) => `/${key}`) as [string, string, string];
  const made: Loose[] = [];
  made.push(await send(`${target}/finish`, { version: bird('version1'), ...said() }));
  made.push(await send(`${target}/finish`, { version, ...said() }));
  made.push(await send(`${target}/fail`, { version: bird('version2'), ...said(), reason: bird('failure') }));
  made.push(
    await send(`${target}/schedule`, { version: bird('version3'), ...said(), scheduledFor: '2030-01-01T00:00:00Z' }),
  );
  await send(`${target}/cancel`, { version: bird('version3'), reason: bird('cancelation') });
  made.push(await send(`${target}/rollback`, { description: bird('rollback') }, { by: tokens.person }));
  await send(`${target}/start`, { version: bird('version4'), commitRefs: [ref()] });
  made.push(await send(`${gated}/schedule`, { version: bird('version5'), ...said() }, { by: tokens.person }));
  await send(
    `${gated}/deployments/1/approve`,
    { comment: bird('approval'), rule: bird('rule') },
    { by: tokens.person },
  );
  made.push(await send(`${gated}/schedule`, { version: bird('version6'), ...said() }));
  await send(`${gated}/deployments/2/reject`, { comment: bird('rejection') }, { by: tokens.person });
  made.push(await send(`${gated}/schedule`, { version: bird('version7'), commitRefs: [ref()] }));
  made.push(await send(`${gone}/finish`, { version: bird('version8'), ...said() }));
  await send(gone, {}, { method: 'DELETE' });
  made.push(await send(`/production/finish`, { version, commitRefs: [{ repository: 'shared', branch, commit }] }));
  const last = await send(`/production/deployments/1`, { description: bird('changed') }, { method: 'PATCH' });
  return {
    name,
    bird,
    birds: new Set(birds),
    project,
    targets,
    ids: made.flatMap(({ deployment }) => (deployment ? [String(deployment.id)] : [])),
    commandIds,
    tokens,
    position: last.position,
    filledAt: new Date(Date.now() + 1).toISOString(),
  };
}

/** A project that never was, and would be called like this one but for the name of its flock. */
export function neverFilled(flock: Flock): Flock {
  const name = `canary${randomBytes(5).toString('hex')}`;
  const renamed = (text: string): string => text.replaceAll(flock.name, name);
  return {
    ...flock,
    name,
    bird: (place) => renamed(flock.bird(place)),
    project: renamed(flock.project),
    targets: flock.targets.map(renamed),
    ids: flock.ids.map((_, n) => String(Number.MAX_SAFE_INTEGER - n)),
    commandIds: flock.commandIds.map(renamed),
    tokens: { service: { id: randomUUID() }, person: { id: randomUUID() } },
  };
}

/** A token made by the first one. */
export async function tokenOf(api: Pick<TestServer, 'call'>, more: object): Promise<Loose> {
  const body = { scopes: ['deployments:write', 'targets:write'], ...more };
  const reply = await api.call(`${API}/tokens`, { body });
  if (reply.status !== 201) throw new Error(reply.text);
  return reply.body;
}
