import type { NewToken, TokenRecord } from '#contracts';
import type { Time } from '#domain';
import { inTransaction, type Pool } from '#event-store';
import type { Page, PageQuery, Reach } from '#projections';
import type { Identity, Scope } from './identity.js';

/** A token that was found: whose it is, and for how many milliseconds more; null for ever. */
export type FoundToken = Readonly<{ identity: Identity; livesMs: number | null }>;

export type TokenDraft = NewToken & Readonly<{ id: string; digest: Buffer; createdBy: TokenRecord['createdBy'] }>;

const timeOf = (column: string): string => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
const RECORD = `id, name, kind, scopes, projects, created_by as "createdBy", ${timeOf('created_at')} as "createdAt",
  ${timeOf('expires_at')} as "expiresAt", ${timeOf('last_used_at')} as "lastUsedAt"`;
/** By the clock of the database, on every replica the same. */
const LIVES = 'revoked_at is null and (expires_at is null or expires_at > now())';
/** No more than the reader's own projects; null is all. */
const WITHIN = 'revoked_at is null and ($1::text[] is null or projects <@ $1)';

/** The tokens in the database. */
export class TokenStore {
  constructor(private readonly pool: Pool) {}

  /** Undefined where a living token has the name. */
  add({
    id,
    digest,
    name,
    kind,
    scopes,
    projects,
    createdBy,
    expiresAt,
  }: TokenDraft): Promise<TokenRecord | undefined> {
    return inTransaction(this.pool, async (tx) => {
      // The name of an expired token is free, which no unique index could say.
      await tx.query(`select pg_advisory_xact_lock(hashtext('tokens'), hashtext($1))`, [name]);
      const { rows } = await tx.query(
        `insert into tokens (id, digest, name, kind, scopes, projects, created_by, expires_at)
         select $1, $2, $3, $4, $5, $6, $7, $8 where not exists (select from tokens where name = $3 and ${LIVES})
         returning ${RECORD}`,
        [id, digest, name, kind, scopes, listOf(projects), JSON.stringify(createdBy), expiresAt],
      );
      return rows.map(recordOf)[0];
    });
  }

  async find(digest: Buffer): Promise<FoundToken | undefined> {
    const { rows } = await this.pool.query(
      `select id, name, kind, scopes, projects,
              ${timeOf('expires_at')} as ends_at, (extract(epoch from expires_at - now()) * 1000)::float8 as lives_ms
         from tokens where digest = $1 and ${LIVES}`,
      [digest],
    );
    return rows.map(foundOf)[0];
  }

  async isAlive(id: string): Promise<boolean> {
    return (await this.pool.query(`select from tokens where id = $1 and ${LIVES}`, [id])).rows.length > 0;
  }

  /** Oldest first, those that have expired included. */
  async list(reach: Reach, { limit, after }: PageQuery<string>): Promise<Page<TokenRecord, string>> {
    const { rows } = await this.pool.query(
      `select ${RECORD} from tokens where ${WITHIN} and ($2::uuid is null or id > $2) order by id limit $3`,
      [listOf(reach), after ?? null, limit + 1],
    );
    const items = rows.slice(0, limit).map(recordOf);
    return { items, next: rows.length > limit ? items.at(-1)!.id : null };
  }

  /** The digest of the token that is dead now; undefined where there is none within the reach. */
  async revoke(id: string, reach: Reach): Promise<Buffer | undefined> {
    const { rows } = await this.pool.query(
      `update tokens set revoked_at = now() where ${WITHIN} and id = $2 returning digest`,
      [listOf(reach), id],
    );
    return rows[0]?.digest as Buffer | undefined;
  }

  /** Whether a living token of a person has the name. */
  async isCalled(name: string): Promise<boolean> {
    const query = `select from tokens where name = $1 and kind = 'user' and ${LIVES}`;
    return (await this.pool.query(query, [name])).rows.length > 0;
  }

  /** Takes the name of a person away from his dead tokens, and from what says who made others; false where it was nowhere. */
  forget(name: string): Promise<boolean> {
    return inTransaction(this.pool, async (tx) => {
      const named = await tx.query(
        `update tokens set name = 'forgotten:' || id where name = $1 and kind = 'user' and not (${LIVES})`,
        [name],
      );
      const made = await tx.query(
        `update tokens set created_by = json_build_object('id', 'forgotten', 'kind', 'user')
          where created_by ->> 'kind' = 'user' and created_by ->> 'id' = $1`,
        [name],
      );
      return named.rowCount !== 0 || made.rowCount !== 0;
    });
  }

  async used(ids: readonly string[]): Promise<void> {
    await this.pool.query('update tokens set last_used_at = now() where id = any ($1::uuid[])', [ids]);
  }

  close(): Promise<void> {
    return this.pool.end();
  }
}

const listOf = (projects: Reach): readonly string[] | null => (projects === '*' ? null : projects);

type Row = Omit<TokenRecord, 'projects'> & Readonly<{ projects: string[] | null }>;
const recordOf = ({ projects, ...row }: Row): TokenRecord => ({ ...row, projects: projects ?? '*' });

type FoundRow = Readonly<{
  id: string;
  name: string;
  kind: 'user' | 'service';
  scopes: Scope[];
  projects: string[] | null;
  ends_at: Time | null;
  lives_ms: number | null;
}>;
const foundOf = ({ id, name, kind, scopes, projects, ends_at: endsAt, lives_ms: livesMs }: FoundRow): FoundToken => ({
  identity: {
    tokenId: id,
    actor: { id: name, kind },
    scopes: new Set(scopes),
    projects: projects ? new Set(projects) : '*',
    endsAt,
  },
  livesMs,
});
