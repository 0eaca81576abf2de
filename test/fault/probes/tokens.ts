import { crc32 } from 'node:zlib';
import { API, unique } from '../../support/server.js';
import { checkKnocks, type Knock } from '../checkers/index.js';
import { callerOf, must, type Probe } from './place.js';

const LETTERS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const SECRET = 34;

/** Pieces of tokens, tokens with more behind them, and one that is another token from its middle on. */
export const probeTokens: Probe = async (place) => {
  const { call } = callerOf(place);
  const body = { name: unique('probe'), scopes: ['admin'], projects: ['*'] };
  const { token } = must(await call<{ token: string }>(`${API}/tokens`, { body })).body;
  must(await call(`${API}/projects`, { token }));
  const shown: Record<string, string> = {
    ...piecesOf('the first token', place.token),
    ...piecesOf('a token', token),
    'a token with another end': withAnotherEnd(token),
    'a token in capitals': token.toUpperCase(),
  };
  const knocks: Knock[] = [];
  for (const [name, piece] of Object.entries(shown))
    knocks.push({ shown: name, status: (await call(`${API}/projects`, { token: piece })).status });
  return checkKnocks(knocks);
};

const piecesOf = (name: string, token: string): Record<string, string> => ({
  [`${name} but for its end`]: token.slice(0, -1),
  [`half of ${name}`]: token.slice(0, token.length / 2),
  [`${name} but for its beginning`]: token.slice(1),
  [`${name} with a letter behind it`]: `${token}0`,
});

/** Whole by its checksum. */
const withAnotherEnd = (token: string): string => {
  const last = token[SECRET - 1];
  const secret = `${token.slice('shl_'.length, SECRET - 1)}${last === '0' ? '1' : '0'}`;
  let checksum = '';
  for (let left = crc32(secret), n = 0; n < 6; n += 1, left = Math.floor(left / LETTERS.length))
    checksum = `${LETTERS[left % LETTERS.length]}${checksum}`;
  return `shl_${secret}${checksum}`;
};
