import { LRUCache } from 'lru-cache';

import type { Queryable } from '#event-store';

/** A person, as the sender of a command names them; one who is named differently is somebody else to us. */
export type Person = Readonly<{ id: string; name?: string }>;

const KNOWN = 20_000;
/** So long after somebody was forgotten by another process this one may still refer to him as before. */
const KNOWN_MS = 3_000;

/** The people behind the opaque ids of the log. Their names stand in the table `actors` and nowhere else. */
export class Actors {
  readonly #known = new LRUCache<string, string>({ max: KNOWN, ttl: KNOWN_MS });

  constructor(private readonly database: Queryable) {}

  /** The opaque ids of these people, in their order, found or made now. */
  async refer(people: readonly Person[]): Promise<string[]> {
    const opaqueIds = new Map<string, string>();
    const strangers = new Map<string, Person>();
    for (const person of people) {
      const key = keyOf(person);
      const known = this.#known.get(key);
      if (known === undefined) strangers.set(key, person);
      else opaqueIds.set(key, known);
    }
    const found = strangers.size === 0 ? [] : await this.#find([...strangers.values()]);
    // Who is known already is not noted again: that would put off when he is asked for next, for as long as he is busy.
    for (const [key, opaqueId] of found) {
      this.#known.set(key, opaqueId);
      opaqueIds.set(key, opaqueId);
    }
    return people.map((person) => {
      const opaqueId = opaqueIds.get(keyOf(person));
      if (opaqueId === undefined) throw new Error('The table of actors gave no opaque id');
      return opaqueId;
    });
  }

  /** The opaque ids of everybody who was ever called so, by whatever name. */
  async idsOf(id: string): Promise<string[]> {
    const { rows } = await this.database.query('select opaque_id from actors where id = $1', [id]);
    return rows.map(({ opaque_id: opaqueId }) => opaqueId);
  }

  /** The people behind opaque ids; those that were forgotten, or never were, are missing. */
  async namesOf(opaqueIds: readonly string[]): Promise<Map<string, Person>> {
    if (opaqueIds.length === 0) return new Map();
    const { rows } = await this.database.query(
      'select opaque_id, id, name from actors where opaque_id::text = any($1) and id is not null',
      [[...new Set(opaqueIds)]],
    );
    return new Map(rows.map(({ opaque_id, id, name }) => [opaque_id, name === null ? { id } : { id, name }]));
  }

  /**
   * Forgets whoever was ever called so, by whatever name: opaque ids stay, and stand for nobody. False where nobody was. The
   * same person coming back is somebody new, within seconds in every process.
   */
  async forget(id: string): Promise<boolean> {
    const { rowCount } = await this.database.query('update actors set id = null, name = null where id = $1', [id]);
    for (const key of this.#known.keys()) if ((JSON.parse(key) as [string])[0] === id) this.#known.delete(key);
    return rowCount !== 0;
  }

  /** In one order, so that two such statements cannot wait for each other. */
  async #find(people: readonly Person[]): Promise<Map<string, string>> {
    const { rows } = await this.database.query(
      `insert into actors as known (id, name)
       select id, name from unnest($1::text[], $2::text[]) as given (id, name) order by id, name
       on conflict (id, coalesce(name, '')) do update set id = known.id
       returning id, name, opaque_id`,
      [people.map(({ id }) => id), people.map(({ name }) => name ?? null)],
    );
    return new Map(rows.map(({ id, name, opaque_id }) => [keyOf(name === null ? { id } : { id, name }), opaque_id]));
  }
}

const keyOf = ({ id, name }: Person): string => JSON.stringify([id, name]);
