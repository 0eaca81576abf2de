import type { Mutant } from '../rig/mutants.js';
import type { ProbeName } from './index.js';

const APPEND = 'libs/event-store/migrations/0004-append.sql';
const SEAL = 'apps/server/src/audit/seal.js';
const REBUILD = 'libs/projections/src/rebuild.js';

/** Those that need no fault to show: which probe brings them to light. */
export const mutants: readonly (Mutant & Readonly<{ probe: ProbeName }>)[] = [
  {
    name: 'token compared by prefix',
    edits: [
      {
        file: 'apps/server/src/http/auth/tokens.js',
        from: 'this.adminDigest = digestOf(Buffer.from(adminToken));',
        to: 'this.adminDigest = digestOf(Buffer.from(adminToken)); this.adminToken = adminToken;',
      },
      {
        file: 'apps/server/src/http/auth/tokens.js',
        from: 'if (timingSafeEqual(digest, this.adminDigest))',
        to: 'if (this.adminToken.startsWith(token))',
      },
    ],
    probe: 'tokens',
    invariant: 'X7',
  },
  {
    name: 'token kept by its beginning',
    edits: [
      {
        file: 'apps/server/src/http/auth/secret.js',
        from: "hash('sha256', secret, 'buffer')",
        to: "hash('sha256', String(secret).slice(0, 24), 'buffer')",
      },
    ],
    probe: 'tokens',
    invariant: 'X7',
  },
  {
    name: 'redirect followed to the keys of an issuer',
    edits: [{ file: 'apps/server/src/http/auth/issuer-keys.js', from: "redirect: 'error'", to: "redirect: 'follow'" }],
    probe: 'redirects',
    invariant: 'H3',
  },
  {
    name: 'redirect followed with a command',
    edits: [{ file: 'apps/cli/src/service.js', from: "redirect: 'error'", to: "redirect: 'follow'" }],
    probe: 'redirects',
    invariant: 'H3',
  },
  {
    name: 'pool without error handler',
    edits: [{ file: 'libs/event-store/src/pool.js', from: "pool.on('error', ignore);", to: '' }],
    probe: 'lost connections',
    invariant: 'X1',
  },
  {
    name: 'project filter forgotten in one list',
    edits: [
      {
        file: 'libs/projections/src/current.js',
        from: ".and('runs').within(projects)",
        to: ".and('runs')",
      },
    ],
    probe: 'isolation',
    invariant: 'X7',
  },
  {
    name: 'event larger than the limit of the topic accepted',
    edits: [
      {
        file: 'libs/contracts/src/json.js',
        from: 'MAX_BYTES = 262_144',
        to: 'MAX_BYTES = 16_777_216',
      },
      {
        file: 'libs/contracts/src/checks.js',
        from: 'MAX_METADATA_BYTES = 16_384',
        to: 'MAX_METADATA_BYTES = 16_777_216',
      },
    ],
    probe: 'large events',
    invariant: 'K9',
  },
  {
    name: 'live stream without a limit of its buffer',
    edits: [
      {
        file: 'apps/server/src/http/views/live-client.js',
        from: 'this.response.writableLength > MAX_UNSENT',
        to: 'this.response.destroyed',
      },
    ],
    probe: 'slow readers',
    invariant: 'X2',
  },
  {
    name: 'tail by a sequence instead of the counter',
    edits: [
      {
        file: APPEND,
        from: 'lock table log in exclusive mode;',
        to: 'create sequence log_positions; create sequence log_seqs; lock table log in exclusive mode;',
      },
      { file: APPEND, from: 'into counter from log for update;', to: 'into counter from log;' },
      {
        file: APPEND,
        from: `select base + count(*) filter (where passes[b.of]) over (order by b.n rows unbounded preceding)
          from unnest(e_of) with ordinality as b (of, n)`,
        to: "select nextval('log_positions') from unnest(e_of) with ordinality as b (of, n) order by b.n",
      },
      { file: APPEND, from: 'counter.seq + row_number() over (order by b.n)', to: "nextval('log_seqs')" },
      {
        file: APPEND,
        from: 'set position = reached, seq = counter.seq + answered,',
        to: 'set position = greatest(position, reached), seq = greatest(seq, (select last_value from log_seqs)),',
      },
      { file: APPEND, from: 'where ctid = counter.ctid and answered > 0', to: 'where answered > 0' },
    ],
    probe: 'tail',
    invariant: 'S5',
  },
  {
    name: 'rebuild in place',
    edits: [
      {
        file: REBUILD,
        from: 'const site = await Site.begin(tx, name);',
        to: `await tx.query('select from projections where name = $1 for update', [name]);
    await tx.query('delete from ' + name);
    await moveCheckpoint(tx, checkpointOf(name), 0);
    return await tx.query('update projections set version = $2 where name = $1', [name, version]).then(() => 0);
    const site = await Site.begin(tx, name);`,
      },
    ],
    probe: 'rebuilds',
    invariant: 'R4',
  },
  {
    name: 'old projection that nobody fences during a rebuild',
    edits: [
      { file: REBUILD, from: "await tx.query('select from projections where name = $1 for update', [name]);", to: '' },
      { file: REBUILD, from: 'if (position < stood)', to: 'if (position < 0)' },
      { file: REBUILD, from: 'await moveCheckpoint(tx, checkpointOf(name), position);', to: '' },
      {
        file: REBUILD,
        from: "await tx.query('update projections set version = $2 where name = $1', [name, version]);",
        to: '',
      },
    ],
    probe: 'rebuilds',
    invariant: 'R1',
  },
  {
    name: 'hash over re-encoded JSON',
    edits: [
      {
        file: 'libs/audit/src/leaf.js',
        from: 'put(bytes, data.start, data.end);',
        to: `const said = Object.entries(JSON.parse(bytes.toString('utf8', data.start, data.end))).sort();
    put(Buffer.from(JSON.stringify(Object.fromEntries(said))));`,
      },
    ],
    probe: 'audit',
    invariant: 'A1',
  },
  {
    // Replicas take turns, and each goes on from the link that it made last itself, as nobody else's is read in its turn.
    name: 'chain without serialisation',
    edits: [
      { file: SEAL, from: 'export const sealNext =', to: 'const own = {};\nexport const sealNext =' },
      {
        file: SEAL,
        from: 'new Sealing(await edgeOf(tx, last),',
        to: 'new Sealing({ ...(await edgeOf(tx, last)), ...own },',
      },
      {
        file: SEAL,
        from: 'const sealed = sealing.end();',
        to: 'const sealed = sealing.end(); own.previous = sealing.previous;',
      },
    ],
    probe: 'audit',
    invariant: 'A1',
  },
  {
    name: 'checkpoint that nothing is held against',
    edits: [
      {
        file: 'libs/audit/src/verify.js',
        from: 'if (this.tree.root() !== this.checkpoints[this.next].root) {',
        to: "if (this.tree.root() === '') {",
      },
    ],
    probe: 'audit',
    invariant: 'A3',
  },
];
