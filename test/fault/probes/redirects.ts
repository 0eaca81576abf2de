import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { API } from '../../support/server.js';
import { checkPeers } from '../checkers/index.js';
import { callerOf, type Place, type Probe } from './place.js';

/** The service that looks for the keys of an issuer, and the command line that sends a command, are sent elsewhere. */
export const probeRedirects: Probe = async (place) => {
  const { detour } = place;
  const token = [
    { alg: 'RS256', kid: 'any' },
    { iss: detour.url, aud: 'shiplog', sub: 'any', exp: 4_000_000_000 },
  ]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  const { call } = callerOf(place);
  await call(`${API}/projects`, { token: `${token}.c2lnbmVk` });
  await commandLine(place, ['deployments', 'start', 'detour', 'production', '--version', '1']);
  const asked = detour.meetings.filter(({ origin }) => origin === detour.url).map(({ path }) => path);
  if (new Set(asked).size < 2) throw new Error(`The detour was not come by: only ${asked.join()} was asked for.`);
  return checkPeers(detour.meetings, new Set([detour.url]));
};

/** It fails, whatever it does. */
const commandLine = ({ dist, detour, token }: Place, args: readonly string[]): Promise<void> =>
  new Promise((resolve) => {
    const env = { ...process.env, NODE_OPTIONS: '', SHIPLOG_URL: detour.url, SHIPLOG_TOKEN: token };
    execFile(process.execPath, [join(dist, 'apps/cli/src/main.js'), ...args], { env }, () => resolve());
  });
