import { LRUCache } from 'lru-cache';

import type { Queryable } from '#event-store';

/** A person, as the sender of a command names them. */
export type Person = Readonly<{ id: string; name?: string }>;
/**
 * `acts`: who was authenticated, or is trusted to be, is one person by whatever name, and is called as he was named last. Whom
 * a payload claims to have sent it is somebody else with each name, and cannot rename who acts.
 */
export type Referred = Person & Readonly<{ acts: boolean }>;

const KNOWN = 20_000;
/** So long after somebody was forgotten by another process this one may still refer to him as before. */
const KNOWN_MS = 3_000;

/** The people behind the opaque ids of the log. Their names stand in the tables `acting` and `actors`, and nowhere else. */
export class Actors {
  readonly #known = new LRUCache<string, string>({ max: KNOWN, ttl: KNOWN_MS });

  constructor(private readonly database: Queryable) {}

  /** The opaque ids of these people, in their order, found or made now. */
  async refer(people: readonly Referred[]): Promise<string[]> {
    const opaqueIds = new Map<string, string>();
    const strangers = new Map<string, Referred>();
    for (const person of people) {
      const key = keyOf(person);
      const known = this.#known.get(key);
      if (known === undefined) strangers.set(key, person);
      else opaqueIds.set(key, known);
    }
    const acting = [...strangers.values()].filter(({ acts }) => acts);
    const claimed = [...strangers.values()].filter(({ acts }) => !acts);
    const found = [
      ...(await this.#find(ACTING, acting, ({ id }) => id)),
      ...(await this.#find(CLAIMED, claimed, keyOf)),
    ];
    // Who is known already is not noted again: that would put off when he is asked for next, for as long as he is busy.
    for (const [key, opaqueId] of found) {
      this.#known.set(key, opaqueId);
      opaqueIds.set(key, opaqueId);
    }
    return people.map((person) => {
      const opaqueId = opaqueIds.get(keyOf(person));
      if (opaqueId === undefined) throw new Error('The tables of actors gave no opaque id');
      return opaqueId;
    });
  }

  /** The opaque ids of everybody who was ever called so, by whatever name. */
  async idsOf(id: string): Promise<string[]> {
    const { rows } = await this.database.query(
      'select opaque_id from acting where id = $1 union select opaque_id from actors where id = $1',
      [id],
    );
    return rows.map(({ opaque_id: opaqueId }) => opaqueId);
  }

  /** The people behind opaque ids; those that were forgotten, or never were, are missing. */
  async namesOf(opaqueIds: readonly string[]): Promise<Map<string, Person>> {
    // What else stands in the place of an opaque id, stands for nobody.
    const ids = [...new Set(opaqueIds)].filter((each) => UUID.test(each));
    if (ids.length === 0) return new Map();
    // Who acts comes last, and counts where an opaque id is in both, as those are that were given when both were one table.
    const { rows } = await this.database.query(
      `select opaque_id, id, name, false as acts from actors where opaque_id = any($1::uuid[]) and id is not null
       union all select opaque_id, id, name, true from acting where opaque_id = any($1::uuid[])
       order by acts`,
      [ids],
    );
    return new Map(rows.map(({ opaque_id, id, name }) => [opaque_id, name === null ? { id } : { id, name }]));
  }

  /**
   * Forgets whoever was ever called so, by whatever name: opaque ids stay, and stand for nobody. False where nobody was. The
   * same person coming back is somebody new, within seconds in every process.
   */
  async forget(id: string): Promise<boolean> {
    const { rows } = await this.database.query(
      `with acted as (delete from acting where id = $1 returning 1),
            claimed as (update actors set id = null, name = null where id = $1 returning 1)
       select exists (select from acted) or exists (select from claimed) as was_there`,
      [id],
    );
    for (const key of this.#known.keys()) if ((JSON.parse(key) as [string])[0] === id) this.#known.delete(key);
    return rows[0].was_there;
  }

  /** Opaque ids by the keys of these people, of whom `rowOf` names the row. */
  async #find(
    statement: string,
    people: readonly Referred[],
    rowOf: (person: Referred) => string,
  ): Promise<Array<[string, string]>> {
    if (people.length === 0) return [];
    const { rows } = await this.database.query(statement, [
      people.map(({ id }) => id),
      people.map(({ name }) => name ?? null),
    ]);
    const found = new Map<string, string>();
    for (const { id, name, acts, opaque_id } of rows)
      found.set(rowOf({ id, acts, ...(name === null ? {} : { name }) }), opaque_id);
    return people.map((person) => [keyOf(person), found.get(rowOf(person))!]);
  }
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** In one order, so that two such statements cannot wait for each other; a person once, for no row can be changed twice: as named last. */
const ACTING = `
  insert into acting as known (id, name)
  select distinct on (id) id, name from unnest($1::text[], $2::text[]) with ordinality as given (id, name, nth)
   order by id, name is null, nth desc
  on conflict (id) do update set name = coalesce(excluded.name, known.name)
  returning id, name, true as acts, opaque_id`;

const CLAIMED = `
  insert into actors as known (id, name)
  select id, name from unnest($1::text[], $2::text[]) as given (id, name) order by id, name
  on conflict (id, coalesce(name, '')) do update set id = known.id
  returning id, name, false as acts, opaque_id`;

const keyOf = ({ id, name, acts }: Referred): string => JSON.stringify([id, acts, name]);
