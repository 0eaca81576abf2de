import { describe, expect, it } from '@jest/globals';
import { banner } from './banner.js';

const started = { url: 'http://127.0.0.1:3000', hasApi: true, kafka: '127.0.0.1:9092', dataDir: '/data' };
const curlsIn = (said: string): string[] => said.split('\n').filter((line) => line.startsWith('curl '));

describe('the greeting', () => {
  it('shows the token that was made here, and has it in each command', () => {
    const said = banner({ ...started, token: 'shl_made' });
    expect(said).toContain('  token  shl_made\n');
    expect(curlsIn(said)).toHaveLength(3);
    for (const curl of curlsIn(said)) expect(curl).toContain('"Authorization: Bearer shl_made"');
  });

  it("names the variable of a token that is the user's own", () => {
    const said = banner(started);
    expect(said).toContain('  token  yours, from SHIPLOG_ADMIN_TOKEN\n');
    expect(curlsIn(said)).toHaveLength(3);
    for (const curl of curlsIn(said)) expect(curl).toContain('"Authorization: Bearer $SHIPLOG_ADMIN_TOKEN"');
  });

  it('has no commands for a process that would not answer them', () => {
    const said = banner({ ...started, token: 'shl_made', hasApi: false });
    expect(curlsIn(said)).toEqual([]);
    expect(said).not.toContain('shl_made');
    expect(said).toContain('Ctrl-C');
  });
});
