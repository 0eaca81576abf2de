import { beforeAll, expect, it } from '@jest/globals';
import { viewNames } from '#projections';
import { API, newTarget, rowsOf } from '../../../test/support/server.js';
import { suiteServer } from '../../../test/support/suite.js';
import { createLogger } from '#runtime';
import { operatorName } from './operator.js';
import { runProjections } from './projections.js';

const api = suiteServer();
beforeAll(async () => {
  const { path } = await newTarget(api);
  const { body } = await api.call(`${path}/finish`, { body: { version: '1' } });
  await api.call(`${API}/current?min_position=${body.position}`);
  await api.call(`${path}?min_position=${body.position}`);
});

const logged: string[] = [];
const log = createLogger({ stream: { write: (line) => void logged.push(line) } });
const run = async (...args: string[]) => {
  const lines: string[] = [];
  const same = await runProjections(args, { DATABASE_URL: api.database.url }, (line) => lines.push(line), log);
  return { same, lines: lines.map((line) => JSON.parse(line)) };
};

it('verifies views beside a running service, and rebuilds the one that differs', async () => {
  const first = await run('verify');
  expect([first.same, first.lines.map(({ view }) => view)]).toEqual([true, viewNames]);
  await rowsOf(api.database, 'delete from current');
  expect(await run('verify', 'commits')).toMatchObject({ same: true, lines: [{ view: 'commits', differing: 0 }] });
  expect(await run('verify', 'current')).toMatchObject({ same: false, lines: [{ view: 'current', differing: 1 }] });
  expect(await run('rebuild', 'current')).toMatchObject({ same: true, lines: [{ view: 'current', position: 2 }] });
  expect((await run('verify')).same).toBe(true);
  expect(logged.map((line) => JSON.parse(line))).toMatchObject([
    { level: 'info', operator: operatorName(), view: 'current', from: 0, position: 2 },
  ]);
}, 20_000);

it.each([[[]], [['destroy']], [['verify', 'none']], [['verify', 'current', 'more']]])(
  'says how to ask for %j',
  async (args) => {
    await expect(run(...args)).rejects.toThrow('Usage: npm run projections -- rebuild|verify [VIEW]');
  },
);

it('says that it needs a database', async () => {
  await expect(runProjections(['verify'], {}, () => {})).rejects.toThrow('DATABASE_URL');
});
