import { describe, expect, it } from '@jest/globals';
import { tokenOf } from '../../../../test/support/canaries.js';
import { API, startTestServer, unique } from '../../../../test/support/server.js';
import { suiteServer } from '../../../../test/support/suite.js';

const api = suiteServer({ RATE_LIMIT: '3' });

describe('the limit of requests', () => {
  it('counts each token by itself, before a body is read, and says when to come again', async () => {
    const { token: one } = await tokenOf(api, { name: unique('one'), projects: ['*'] });
    const { token: two } = await tokenOf(api, { name: unique('two'), projects: ['*'] });
    const statuses: number[] = [];
    for (let n = 0; n < 3; n += 1) statuses.push((await api.call(`${API}/projects`, { token: one })).status);
    expect(statuses).toEqual([200, 200, 200]);
    const refused = await api.call(`${API}/projects`, { raw: '{'.repeat(500_000), token: one });
    expect([refused.status, refused.body.code]).toEqual([429, 'too_many_requests']);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await api.call(`${API}/projects`, { token: two })).status).toBe(200);
    expect((await api.call(`${API}/nothing`, { token: one })).status).toBe(429);
    expect((await api.call('/health/live', { token: one })).status).toBe(200);
    // Who is nobody is told so, and uses up nobody's requests.
    expect((await api.call(`${API}/projects`, { token: null })).status).toBe(401);
  });

  it('counts two tokens of one name apart: the one that is revoked takes nothing from the next', async () => {
    const name = unique('again');
    const made = await startTestServer(api.database);
    const first = await tokenOf(made, { name, projects: ['*'] });
    for (let n = 0; n < 4; n += 1) await api.call(`${API}/projects`, { token: first.token });
    await made.call(`${API}/tokens/${first.id}`, { method: 'DELETE' });
    const second = await tokenOf(made, { name, projects: ['*'] });
    await made.server.close();
    expect((await api.call(`${API}/projects`, { token: second.token })).status).toBe(200);
  });
});
