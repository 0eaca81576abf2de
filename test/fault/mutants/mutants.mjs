const waist = 'libs/commands/src';
const kafka = 'libs/kafka/src';
const views = 'libs/projections/src';
const timekeeper = 'apps/server/src/timekeeper/timekeeper.ts';

/**
 * Mistakes that somebody could make: what text of the product becomes what, and by which invariant the simulation must tell.
 * They are edits of a copy that is compiled for the run; the product has no switch for them.
 */
export const mutants = [
  {
    name: 'answer before commit',
    invariant: 'C2',
    edits: [
      {
        file: `${waist}/group-commit.ts`,
        from: '    const placed = this.#states.place(streams);\n',
        to: '    for (const { pending, decided } of batch.decided) pending.answer(answerOf(pending.submission.commandId, decided, 0));\n    const placed = this.#states.place(streams);\n',
      },
    ],
  },
  {
    name: 'unknown outcome answered as failure',
    invariant: 'C4',
    edits: [
      {
        file: `${waist}/group-commit.ts`,
        from: '    if (isUnavailable(error)) this.#unknown.add(open, error);\n    else if (open.length === 1)',
        to: '    if (isUnavailable(error)) for (const pending of open) pending.fail(new Error("It failed."));\n    else if (open.length === 1)',
      },
    ],
  },
  {
    name: 'rejection not stored',
    invariant: 'C1',
    edits: [
      {
        file: `${waist}/batch.ts`,
        from: '    const { outcome, events, target } = decided;\n',
        to: `    const { outcome, events, target } = decided;
    if (decided.body.outcome === 'rejected') {
      const told = { ...decided.body, commandId, position: 0, version: target.version, events: [] };
      return pending.answer({ outcome: told, target: null, deployment: null });
    }
`,
      },
    ],
  },
  {
    name: 'speculative batch kept after its predecessor failed',
    invariant: 'C2',
    edits: [
      {
        file: `${waist}/group-commit.ts`,
        from: '      if (place === undefined) return refused.push(pending);\n',
        to: '      if (place === undefined) return pending.answer(answerOf(pending.submission.commandId, made, last));\n',
      },
    ],
  },
  {
    // Two defences: the queue joins them, and the index of outcomes refuses the second.
    name: 'duplicate id inside one batch',
    invariant: 'C1',
    edits: [
      {
        file: `${waist}/command-queue.ts`,
        from: '    if (same !== undefined) return this.#join(same, submission, options);\n',
        to: '    if (same !== undefined && same.submission.fingerprint !== submission.fingerprint && submission.commandId === "") return this.#join(same, submission, options);\n',
      },
      {
        file: 'libs/event-store/src/testing/memory-log.ts',
        from: 'if (ids.has(id) && !refused.has(of))',
        to: 'if (ids.has(id) && !refused.has(of) && id === "")',
      },
    ],
  },
  {
    name: 'Kafka offset stored before the outcome',
    invariant: 'C10',
    edits: [
      {
        file: `${kafka}/intake.ts`,
        from: '    book.taken(partition, turn.end);\n',
        to: '    book.taken(partition, turn.end);\n    this.#mover.reach(partition, turn.end);\n',
      },
    ],
  },
  {
    name: 'poison retried for ever',
    invariant: 'C7',
    edits: [
      {
        file: `${kafka}/handle-batch.ts`,
        from: '      this.#follow(this.#bury(poison));\n',
        to: '      if (poison.length > 0) throw new Error(poison[0]!.reason);\n',
      },
    ],
  },
  {
    name: 'database away sent to the dead letters',
    invariant: 'C7',
    edits: [
      {
        file: `${kafka}/handle-batch.ts`,
        from: 'submit(submission, { outcomeOnly: true })',
        to: 'submit(submission, { outcomeOnly: true, giveUpAfterMs: 200 })',
      },
      {
        file: `${kafka}/handle-batch.ts`,
        from: '  if (error instanceof LogWentBack || error instanceof Unavailable || isUnavailable(error)) throw error;\n',
        to: '',
      },
    ],
  },
  {
    name: 'offset out of range jumped',
    invariant: 'C10',
    seed: 133,
    edits: [
      {
        file: `${kafka}/partition-book.ts`,
        from: '    if (fetchedAt === next) return true;\n',
        to: '    if (fetchedAt >= next) return true;\n',
      },
      {
        file: `${kafka}/partition-book.ts`,
        from: '      if (this.#check(partition, next, marks)) this.#seek(partition, next);\n',
        to: '      this.#seek(partition, Math.max(next, marks.get(partition)?.low ?? 0));\n',
      },
    ],
  },
  {
    name: 'relay that skips ahead after a failed send',
    invariant: 'K1',
    edits: [
      {
        file: `${kafka}/publisher.ts`,
        from: '      if (!isTooLarge(error)) throw error;\n',
        to: '      if (!isTooLarge(error)) return new Map();\n',
      },
    ],
  },
  {
    name: 'two concurrent sends',
    invariant: 'K4',
    seed: 110,
    edits: [
      {
        file: `${kafka}/sender.ts`,
        from: "    if (this.#busy) throw new Error('Two sends at once on one producer may lose records');\n",
        to: '    for (const set of this.#sets.keys()) this.#sets.delete(set);\n',
      },
      {
        file: `${kafka}/publisher.ts`,
        from: '      const placed = await this.#send(items, at);\n',
        to: `      const half = Math.ceil(items.length / 2);
      const rest = items.length > 1 ? this.#send(items.slice(half), at) : Promise.resolve(new Map());
      const placed = new Map([...(await this.#send(items.slice(0, half), at)), ...(await rest)]);
`,
      },
    ],
  },
  {
    name: 'lease without epoch check',
    invariant: 'K7',
    seed: 182,
    edits: [
      {
        file: `${kafka}/term.ts`,
        from: '    if (await advanceUnderLease(this.database, { name: this.name, epoch: this.epoch }, this.name, position)) return;\n    this.#depose();\n',
        to: '    await moveCheckpoint(this.database, this.name, position);\n',
      },
      { file: `${kafka}/term.ts`, from: 'advanceUnderLease, releaseLease', to: 'moveCheckpoint, releaseLease' },
    ],
  },
  {
    name: 'relay that takes rows with SKIP LOCKED',
    invariant: 'K4',
    edits: [
      {
        file: `${kafka}/publisher.ts`,
        from: 'Term.begin(this.parts.database, publishingOf(this.feed.topic),',
        to: 'Term.begin(this.parts.database, `${publishingOf(this.feed.topic)} ${Math.random()}`,',
      },
      {
        file: `${kafka}/publisher.ts`,
        from: '      while (!this.#stopping.signal.aborted) position = await this.#publishNext(position, at);\n',
        to: `      while (!this.#stopping.signal.aborted) {
        position = await readCheckpoint(this.parts.database, publishingOf(this.feed.topic));
        const next = await this.feed.next(position, this.#stopping.signal);
        if (next) await moveCheckpoint(this.parts.database, publishingOf(this.feed.topic), next.upTo);
        position = await this.#publishNext(position, at);
      }
`,
      },
      {
        file: `${kafka}/publisher.ts`,
        from: 'import { readCheckpoint,',
        to: 'import { moveCheckpoint, readCheckpoint,',
      },
    ],
  },
  {
    name: 'checkpoint outside the transaction',
    invariant: 'R1',
    edits: [
      {
        file: `${views}/advance.ts`,
        from: '    await moveCheckpoint(tx, checkpointOf(projection.name), last.position!);\n',
        to: '',
      },
      {
        file: `${views}/advance.ts`,
        from: "    if (turn.kind === 'moved') this.#stand",
        to: "    if (turn.kind === 'moved') await moveCheckpoint(this.source.pool, checkpointOf(this.projection.name), turn.position);\n    if (turn.kind === 'moved') this.#stand",
      },
    ],
  },
  {
    name: 'checkpoint moved to the head',
    invariant: 'R1',
    edits: [
      {
        file: `${views}/advance.ts`,
        from: 'await moveCheckpoint(tx, checkpointOf(projection.name), last.position!);',
        to: 'await moveCheckpoint(tx, checkpointOf(projection.name), (await source.log.head()).position);',
      },
    ],
  },
  {
    name: 'projection with its own clock',
    invariant: 'R1',
    edits: [
      {
        file: `${views}/deadlines.ts`,
        from: 'clockVersion === version ? recordedAt :',
        to: 'clockVersion === version ? `${new Date(Date.now()).toISOString().slice(0, -1)}000Z` :',
      },
    ],
  },
  {
    name: 'time-out by the local clock',
    invariant: 'T2',
    edits: [
      {
        file: `${views}/deadlines.ts`,
        from: 'select clock_timestamp() as now)',
        to: 'select $2::timestamptz as now)',
      },
      {
        file: `${views}/deadlines.ts`,
        from: '    [limit],\n',
        to: '    [limit, `${new Date(Date.now()).toISOString().slice(0, -1)}000Z`],\n',
      },
      {
        file: 'test/fault/simulation/database/view-statements.ts',
        from: 'select clock_timestamp() as now)',
        to: 'select $2::timestamptz as now)',
      },
      {
        file: 'test/fault/simulation/database/view-statements.ts',
        from: '      limit $1`]: (tx, [limit]) => {\n    const { now } = tx;\n',
        to: '      limit $1`]: (tx, [limit, own]) => {\n    const now = String(own);\n',
      },
    ],
  },
  {
    name: 'finish and time-out without a version check',
    invariant: 'T2',
    seed: 257,
    edits: [
      {
        file: 'libs/domain/src/target/decisions/time-out.ts',
        from: 'deployment.clockVersion === clock.clockVersion;',
        to: 'deployment.clockVersion !== null;',
      },
    ],
  },
  {
    name: 'time-out id without the version',
    invariant: 'T3',
    edits: [
      {
        file: timekeeper,
        from: '`shiplog:${kind}:${number}:${setVersion}:${deadline}`',
        to: '`shiplog:${kind}:${number}`',
      },
    ],
  },
];
