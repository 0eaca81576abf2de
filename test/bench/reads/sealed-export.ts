import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { checkpointText, GrowingTree, leafHash, NO_PREVIOUS, readSigner, signNote } from '#audit';
import { pemOf, storedBytesOf } from '#audit/testing';
import type { Target } from '#domain';

import { TARGETS } from '../commands/contender.js';
import { beginnings, decideOn, startsAndFinishes, type Work } from '../commands/workload.js';

/** As often as the sealer does while many are written. */
const EVENTS_A_CHECKPOINT = 1_000;
const SEED = 1;
const RECORDED_AT = '2026-11-20T10:00:00.104217Z';

/** In the order in which the verifier takes them. */
export const FILES = ['export.ndjson', 'checkpoints.txt', 'key.pub'] as const;

function* works(): Generator<Work, void> {
  yield* beginnings(TARGETS);
  yield* startsAndFinishes(SEED, TARGETS);
}

/** The lines of an export with hashes: the events that the waist writes for the commands of the other rows. */
function* linesOf(events: number, tree: GrowingTree): Generator<string, void> {
  const targets = new Map<string, Target>();
  let [position, previous] = [0, NO_PREVIOUS];
  for (const work of works()) {
    const metadata = JSON.stringify({ actor: work.context.actor });
    for (const { type, data, version, occurredAt } of decideOn(targets, work)) {
      if (position === events) return;
      position += 1;
      const serial = position.toString(16).padStart(12, '0');
      const line = {
        ...{ position, stream: work.stream, version, eventId: `0199f6a4-71b8-7c06-8a3f-${serial}`, type },
        ...{ occurredAt, recordedAt: RECORDED_AT, commandId: `0199f6a4-71b8-7c06-9a3f-${serial}` },
        ...{ data: JSON.stringify(data), metadata },
      };
      previous = leafHash(previous, storedBytesOf(line));
      tree.add(previous);
      yield `${JSON.stringify({ ...line, hash: previous.toString('base64') })}\n`;
    }
  }
}

/** Writes what an auditor downloads of a log of so many events, the same each time; answers how many bytes the export has. */
export async function writeSealedExport(folder: string, events: number): Promise<number> {
  const signer = readSigner(pemOf('07'.repeat(32)), 'urn:shiplog:bench');
  const tree = new GrowingTree();
  const notes: string[] = [];
  let bytes = 0;
  function* stretches(): Generator<string, void> {
    let lines: string[] = [];
    for (const line of linesOf(events, tree)) {
      lines.push(line);
      if (lines.length < EVENTS_A_CHECKPOINT && tree.size < events) continue;
      const body = { origin: signer.name, size: tree.size, root: tree.root(), time: RECORDED_AT };
      notes.push(signNote(checkpointText(body), signer));
      const stretch = lines.join('');
      lines = [];
      bytes += Buffer.byteLength(stretch);
      yield stretch;
    }
  }
  const [log, checkpoints, key] = FILES.map((file) => join(folder, file)) as [string, string, string];
  await writeFile(log, stretches());
  await writeFile(checkpoints, notes.toReversed().join('\n'));
  await writeFile(key, `${signer.vkey}\n`);
  return bytes;
}
