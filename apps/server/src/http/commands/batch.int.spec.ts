import { describe, expect, it } from '@jest/globals';
import { fingerprintOf, parseKafkaCommand } from '#contracts';
import { API, newTarget, rowsOf, unique, type Loose, type Reply } from '../../../../../test/support/server.js';
import { suiteServer } from '../../../../../test/support/suite.js';

const api = suiteServer();

const send = (body: unknown): Promise<Reply> => api.call(`${API}/commands`, { body });
const raw = (text: string): Promise<Reply> =>
  api.call(`${API}/commands`, { raw: text, headers: { 'content-type': 'application/json' } });
const newToken = async (scopes: readonly string[], projects: readonly string[]): Promise<string> =>
  (await api.call(`${API}/tokens`, { body: { name: unique('token'), scopes, projects } })).body.token;
const commandFor =
  (project: string, target = 'production') =>
  (type: string, data: object = {}, more: object = {}): Loose => ({
    ...{ commandId: unique('c'), type, project, target, data },
    ...more,
  });

describe('POST /commands', () => {
  it('answers each command with its outcome, in the order of the list, and decides those of a target in it', async () => {
    const project = unique('project');
    const commands = Array.from({ length: 1_000 }, (_, n) => {
      const command = commandFor(project, `t${n % 10}`);
      if (n < 10) return command('CreateTarget');
      return command(n % 20 < 10 ? 'FinishDeployment' : 'StartDeployment', { version: `${n}` });
    });
    const { status, body, headers } = await send(commands);
    expect(status).toBe(200);
    expect(body.map(({ commandId, outcome }: Loose) => [commandId, outcome])).toEqual(
      commands.map(({ commandId }) => [commandId, 'accepted']),
    );
    const last = body.at(-1);
    expect(headers.get('shiplog-position')).toBe(String(Math.max(...body.map(({ position }: Loose) => position))));
    const shown = await api.call(`${API}/projects/${project}/targets/t9/commands/${last.commandId}`);
    expect(last).toEqual(shown.body);
    const { items } = (
      await api.call(`${API}/events?project=${project}&target=t9&limit=200&min_position=${last.position}`)
    ).body;
    const decided = [...new Set(items.map(({ commandId }: Loose) => commandId))];
    expect(decided).toEqual(commands.filter(({ target }) => target === 't9').map(({ commandId }) => commandId));
  });

  it('answers each by itself: outcomes beside problems', async () => {
    const { project } = await newTarget(api);
    const command = commandFor(project);
    const used = command('FinishDeployment', { version: '1' });
    const commands = [
      used,
      command('StartDeployment', { version: 5 }),
      command('RetireDeployment', { number: 99 }),
      { ...used, data: { version: '2' } },
      command('FinishDeployment', {}, { commandId: undefined }),
      command('FinishDeployment', { version: '1' }, { occurredAt: '2999-01-01T00:00:00Z' }),
      command('FinishDeployment', { version: '1' }, { expectedVersion: 7 }),
      { specversion: '1.0', id: 'x', type: 'io.shiplog.command.FinishDeployment.v1', data: used },
      command('TimeOutDeployment', { number: 1 }),
      17,
      command('FinishDeployment', { version: '3' }, { target: 'nowhere' }),
      command('FinishDeployment', { version: '4' }),
    ];
    const { status, body } = await send(commands);
    expect(status).toBe(200);
    const short = body.map((each: Loose) => each.code ?? each.outcome);
    expect(short).toEqual([
      'accepted',
      'bad_request',
      'deployment_not_found',
      'idempotency_key_reused',
      'bad_request',
      'bad_request',
      'version_conflict',
      'bad_request',
      'bad_request',
      'bad_request',
      'target_not_found',
      'accepted',
    ]);
    expect(body[1]).toEqual({
      type: 'urn:shiplog:problem:bad_request',
      title: 'The request is malformed.',
      status: 400,
      detail: expect.stringContaining('data.version'),
      code: 'bad_request',
      commandId: commands[1].commandId,
      errors: [{ field: 'data.version', message: expect.any(String) }],
    });
    expect(body[3]).toMatchObject({ status: 422, commandId: used.commandId });
    expect(body[2]).toMatchObject({ outcome: 'rejected', events: [] });
    expect(body[9]).not.toHaveProperty('commandId');
  });

  it('answers the same command again with the same outcome, in any spelling, and knows it from those sent another way', async () => {
    const { project, path } = await newTarget(api);
    const command = commandFor(project)('FinishDeployment', { version: '1', metadata: { a: 1, b: 2 } });
    const first = await send([command]);
    const { data, ...envelope } = command;
    const again = await send([{ data: { metadata: { b: 2, a: 1 }, version: '1' }, ...envelope }, command]);
    expect(again.body).toEqual([first.body[0], first.body[0]]);
    const single = await api.call(`${path}/finish`, {
      body: data,
      headers: { 'idempotency-key': command.commandId },
    });
    expect(single).toMatchObject({ status: 422, body: { code: 'idempotency_key_reused' } });
    const [{ fingerprint }] = await rowsOf(api.database, 'select fingerprint from commands where command_id = $1', [
      command.commandId,
    ]);
    const record = { key: Buffer.from(`${project}/production`), value: Buffer.from(JSON.stringify(command)) };
    const { fingerprintParts } = parseKafkaCommand(record, { now: '2026-11-20T10:00:00.000000Z' });
    expect(Buffer.from(fingerprintOf(fingerprintParts)).equals(fingerprint)).toBe(false);
  });

  it('takes the actor from the token, and keeps one in the payload as what was claimed', async () => {
    const { project } = await newTarget(api);
    const { body } = await send([
      commandFor(project)('FinishDeployment', { version: '1' }, { actor: { id: 'ann', name: 'Ann', kind: 'user' } }),
    ]);
    const events = await api.call(`${API}/events?after=${body[0].position - 1}&min_position=${body[0].position}`);
    expect(events.body.items[0]).toMatchObject({
      actor: { id: 'admin', kind: 'service' },
      data: { claimedBy: { id: 'ann', name: 'Ann' } },
    });
  });

  it('lets a token do what its scopes and projects allow, command by command', async () => {
    const [{ project }, { project: another }] = [await newTarget(api), await newTarget(api)];
    const token = await newToken(['deployments:write'], [project]);
    const commands = [
      commandFor(project)('FinishDeployment', { version: '1' }),
      commandFor(project)('ChangeTarget', { name: 'A' }),
      commandFor(another)('FinishDeployment', { version: '1' }),
      commandFor(unique('nowhere'))('FinishDeployment', { version: '1' }),
      commandFor(another, 'new')('CreateTarget'),
    ];
    const { status, body } = await api.call(`${API}/commands`, { body: commands, token });
    expect([status, ...body.map((each: Loose) => each.code ?? each.outcome)]).toEqual([
      200,
      'accepted',
      'forbidden',
      'target_not_found',
      'target_not_found',
      'forbidden',
    ]);
    // What is there and what is not look alike from outside.
    const [there, nowhere] = [2, 3].map((index) => {
      const { commandId, project: named } = commands[index];
      return JSON.stringify(body[index]).replace(commandId, 'c').replace(named, 'p');
    });
    expect(there).toBe(nowhere);
    const reader = await newToken(['deployments:read'], ['*']);
    expect(await api.call(`${API}/commands`, { body: commands, token: reader })).toMatchObject({
      status: 403,
      body: { code: 'forbidden' },
    });
  });

  it.each([
    ['no array', '{"commandId":"a"}', 400],
    ['no body', '', 400],
    ['no JSON', '[{"commandId":}]', 400],
    ['an empty array', '[]', 400],
    ['more than 1,000', `[${Array(1_001).fill('1').join()}]`, 400],
    ['more than 16 MiB', `["${'x'.repeat(16 * 1024 * 1024)}"]`, 413],
  ])('refuses %s as a whole', async (_what, text, expected) => {
    const { status, body } = await raw(text);
    expect([status, body.code]).toEqual([expected, expected === 413 ? 'too_large' : 'bad_request']);
  });

  it.each([
    ['Idempotency-Key', 'build-1', 'commandId'],
    ['If-Match', '"1"', 'expectedVersion'],
  ])('refuses the header %s, which would seem to hold for all', async (name, value, member) => {
    const project = unique('project');
    const body = [commandFor(project)('CreateTarget')];
    const refused = await api.call(`${API}/commands`, { body, headers: { [name]: value } });
    expect([refused.status, refused.body.errors]).toEqual([
      400,
      [{ field: name, message: `is not taken here: each command of the list carries its own as ${member}` }],
    ]);
    expect((await api.call(`${API}/projects/${project}/targets`)).status).toBe(404);
  });

  it('refuses query parameters that it does not know', async () => {
    expect((await api.call(`${API}/commands?dry=1`, { body: [1] })).status).toBe(400);
  });

  it('takes a body larger than a single command may be, and leaves the other routes their limit', async () => {
    const { project, path } = await newTarget(api);
    const metadata = { text: 'x'.repeat(16_000) };
    const many = Array.from({ length: 40 }, (_, n) =>
      commandFor(project)('FinishDeployment', { version: `${n}`, metadata }),
    );
    const { body } = await send(many);
    expect(new Set(body.map(({ outcome }: Loose) => outcome))).toEqual(new Set(['accepted']));
    const { status } = await api.call(`${path}/finish`, { body: { version: '1', metadata: many } });
    expect(status).toBe(413);
  });
});
