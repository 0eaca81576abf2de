import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { API, unique } from '../../support/server.js';
import { checkSealing, checkVerdicts, type Sealing, type Verified } from '../checkers/index.js';
import { callerOf, must, sendAll, type Place, type Probe } from './place.js';
import { tamperings, type Lines } from './tamperings.js';

/** Events that are sealed at once, as apps/server/src/audit/seal.ts has it. */
const SEALED_AT_ONCE = 1_000;
/** Each sealer looks once a second: written slowly, the next thousand is found now by this one, now by that. */
const ROUNDS = 30;
/** Where one found all of it, it is written again. */
const TRIES = 3;
const IN_ROUND = 100;
const BETWEEN_ROUNDS_MS = 150;
const SEALED_WITHIN_MS = 60_000;
const LOOK_MS = 100;
const ASIDE_MS = 300;
/** So many of those that were put aside are held against the log. */
const ASIDE = 3;

/**
 * All replicas write and seal; what they have signed is put aside now and then, as somebody does who does not trust the database.
 * Then their log is exported and verified by the program that they come with: as it is, and tampered with in all the ways there are.
 */
export const probeAudit: Probe = async (place) => {
  const { call } = callerOf(place);
  const read = async (path: string, accept = 'text/plain'): Promise<string> =>
    must(await call(`${API}${path}`, { headers: { accept } })).text;
  const [aside, over] = [[] as string[], new AbortController()];
  const puttingAside = (async () => {
    // Who comes too early gets none.
    for (; !over.signal.aborted; await pause(ASIDE_MS))
      aside.push(await read('/audit/checkpoints?limit=200').catch(() => ''));
  })();
  const due = await untilSeveralSealed(place);
  over.abort();
  await puttingAside;
  const sealing = checkSealing(await sealers(place), due);
  if (sealing.length > 0) return sealing;
  const newest = await read('/audit/checkpoints?limit=200');
  const exported = await read('/events?hashes=true', 'application/x-ndjson').catch(String);
  if (!exported.startsWith('{')) return [{ invariant: 'A1', what: `the log cannot be exported: ${exported}` }];
  const whole = exported.trim().split('\n');
  const files = { dist: place.dist, keys: await read('/audit/key') };
  const verdicts: Verified[] = [{ checkpoints: 'of the end', ...(await verify(whole, newest, files)) }];
  const held = [...new Set(aside)].filter((each) => each !== '').slice(-ASIDE);
  for (const checkpoints of held)
    verdicts.push({ checkpoints: 'put aside', ...(await verify(whole, checkpoints, files)) });
  for (const [tampering, lines] of tamperings(whole))
    verdicts.push({ checkpoints: 'put aside', tampering, ...(await verify(lines, held.at(-1) ?? newest, files)) });
  return checkVerdicts(verdicts);
};

/** Answers how far the log is due to be sealed. Where one replica does all of it, nothing is asked: nobody goes on from another. */
const untilSeveralSealed = async (place: Place): Promise<number> => {
  for (let tries = 0; tries < TRIES; tries += 1) {
    // All at once, so that each sees the log end elsewhere.
    const written = Math.max(...(await Promise.all(place.urls.map((url) => writeRounds({ ...place, urls: [url] })))));
    const due = written - (written % SEALED_AT_ONCE);
    await untilSealed(place, due);
    const have = await Promise.all(place.urls.map((url) => hasSealed({ ...place, urls: [url] })));
    if (have.filter(Boolean).length > 1) return due;
  }
  throw new Error('A probe could not be made: one replica did all the sealing.');
};

const hasSealed = async (place: Place): Promise<boolean> => {
  const { text } = must(await callerOf(place).call('/metrics', { headers: { accept: 'text/plain' } }));
  return Number(/^shiplog_sealed_events_total(?:\{.*\})? (\d+)/m.exec(text)?.[1] ?? 0) > 0;
};

const writeRounds = async (place: Place): Promise<number> => {
  let written = 0;
  for (let n = 0; n < ROUNDS; n += 1, await pause(BETWEEN_ROUNDS_MS)) written = await sendAll(place, round());
  return written;
};

const round = (): object[] => {
  const project = unique('audited');
  return Array.from({ length: IN_ROUND }, (_, n) => ({
    ...{ commandId: unique('make'), type: 'CreateTarget', project, target: `t${n}`, data: { name: `– ${n}` } },
  }));
};

/** Waits until so many events are sealed, or nobody seals any more. */
const untilSealed = async (place: Place, due: number): Promise<void> => {
  for (const late = performance.now() + SEALED_WITHIN_MS; performance.now() < late; await pause(LOOK_MS)) {
    const all = await sealers(place);
    if (all.every(({ state, sealed }) => state === 'halted' || sealed >= due)) return;
  }
};

type Said = Readonly<{
  sealer: { position: number };
  loops: { sealer: { state: string; reason: string | null } };
}>;

const sealers = (place: Place): Promise<Sealing[]> =>
  Promise.all(
    place.urls.map(async (url, replica) => {
      const { sealer, loops } = must(await callerOf({ ...place, urls: [url] }).call<Said>(`${API}/status`)).body;
      return { replica, ...loops.sealer, sealed: sealer.position };
    }),
  );

type Files = Readonly<{ dist: string; keys: string }>;

/** As an auditor does, who has nothing but the files. */
async function verify(
  lines: Lines,
  checkpoints: string,
  { dist, keys }: Files,
): Promise<Pick<Verified, 'verdict' | 'message'>> {
  const folder = mkdtempSync(join(tmpdir(), 'shiplog-audit-'));
  const [held, known] = [join(folder, 'checkpoints.txt'), join(folder, 'keys.txt')];
  writeFileSync(held, checkpoints);
  writeFileSync(known, keys);
  const verifier = spawn(process.execPath, [join(dist, 'libs/audit/src/verify.js'), '-', held, known, '--json'], {
    env: { PATH: process.env['PATH'] },
  });
  const said: Buffer[] = [];
  for (const stream of [verifier.stdout, verifier.stderr]) stream.on('data', (chunk: Buffer) => said.push(chunk));
  // One that has found something reads no further.
  verifier.stdin.on('error', () => undefined).end(lines.map((line) => `${line}\n`).join(''));
  const [code] = (await once(verifier, 'close')) as [number];
  rmSync(folder, { recursive: true });
  const text = Buffer.concat(said).toString();
  return code === 2 ? { verdict: 'unreadable', message: text } : (JSON.parse(text) as Verified);
}
