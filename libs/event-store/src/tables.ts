import { FieldWriter } from './fields.js';
import type { Queryable } from './pool.js';

/** A column of a table, and what an item has in it: in a row of a COPY, and as one array of all items. */
export type Column<Item> = Readonly<{
  name: string;
  type: string;
  /** The type of the array's elements. */
  elements: string;
  write: (fields: FieldWriter, item: Item) => void;
  array: (items: readonly Item[]) => Buffer;
}>;

/** A table as items are written into it. What an item has in the columns of `key` tells it from all others. */
export type Table<Item> = Readonly<{ name: string; key: readonly string[]; columns: readonly Column<Item>[] }>;

type Kind<Value> = Readonly<{ type: string; oid: number; write: (fields: FieldWriter, value: Value) => void }>;
type Of<Item, Value> = (item: Item) => Value | null;

const TEXT = 25;
const kinds = {
  text: { type: 'text', oid: TEXT, write: (fields: FieldWriter, value: string) => fields.text(value) },
  json: { type: 'json', oid: 114, write: (fields: FieldWriter, value: string) => fields.text(value) },
  integer: { type: 'integer', oid: 23, write: (fields: FieldWriter, value: number) => fields.int4(value) },
  bigint: { type: 'bigint', oid: 20, write: (fields: FieldWriter, value: number) => fields.int8(value) },
  boolean: { type: 'boolean', oid: 16, write: (fields: FieldWriter, value: boolean) => fields.boolean(value) },
  time: { type: 'timestamptz', oid: 1184, write: (fields: FieldWriter, value: string) => fields.time(value) },
};

const writeValue = <Value>({ write }: Kind<Value>, fields: FieldWriter, value: Value | null): void => {
  if (value === null) fields.null();
  else write(fields, value);
};

/** What is kept of the memory that arrays are written in. */
const MOST_KEPT = 2 ** 22;
/** Each is written here and copied at its length: memory beside the heap is what collections are run for. */
let scratch = new FieldWriter(2 ** 16);

const arrayOf = <Value, Item>(kind: Kind<Value>, items: readonly Item[], of: Of<Item, Value>): Buffer => {
  scratch.take();
  scratch.arrayHeader(kind.oid, items.length);
  for (const item of items) writeValue(kind, scratch, of(item));
  const array = Buffer.from(scratch.take());
  if (array.length > MOST_KEPT) scratch = new FieldWriter(2 ** 16);
  return array;
};

const columnOf =
  <Value>(kind: Kind<Value>) =>
  <Item>(name: string, of: Of<Item, Value>): Column<Item> => ({
    name,
    type: kind.type,
    elements: kind.type,
    write: (fields, item) => writeValue(kind, fields, of(item)),
    array: (items) => arrayOf(kind, items, of),
  });

/** Columns by their type, null where `of` gives null. Moments are canonical (`Timestamp`), `-infinity` or `infinity`; json is text that the database checks. */
export const column = {
  text: columnOf(kinds.text),
  json: columnOf(kinds.json),
  integer: columnOf(kinds.integer),
  bigint: columnOf(kinds.bigint),
  boolean: columnOf(kinds.boolean),
  time: columnOf(kinds.time),
  texts: <Item>(name: string, of: (item: Item) => readonly string[]): Column<Item> => ({
    name,
    type: 'text[]',
    elements: 'text',
    write: (fields, item) => fields.texts(of(item), TEXT),
    // Arrays of several lengths do not fit into one: each is spelled as the database reads it.
    array: (items) => arrayOf(kinds.text, items, (item) => spelled(of(item))),
  }),
};

const spelled = (texts: readonly string[]): string =>
  `{${texts.map((text) => `"${text.replace(/["\\]/g, '\\$&')}"`).join()}}`;

/** Writes a row for each item, in the place of the one with the same key where there is one. No two items have the same key. */
export const writeRows = async <Item>(tx: Queryable, table: Table<Item>, items: readonly Item[]): Promise<void> => {
  if (items.length === 0) return;
  await tx.query(
    writing(table),
    table.columns.map(({ array }) => array(items)),
  );
};

const writing = <Item>({ name, key, columns }: Table<Item>): string => {
  const names = columns.map((each) => each.name);
  const changed = names.filter((each) => !key.includes(each));
  return `insert into ${name} (${names.join()})
          select ${columns.map((each) => `${each.name}::${each.type}`).join()}
            from unnest(${columns.map(({ elements }, index) => `$${index + 1}::${elements}[]`).join()}) as row (${names.join()})
              on conflict (${key.join()}) do update
             set ${changed.map((each) => `${each} = excluded.${each}`).join()}`;
};
