-- The log: one row that counts, the events, where each stream stands, and what each command id was answered.

create table log (
  one boolean primary key default true check (one),
  store_id uuid not null default gen_random_uuid(),
  position bigint not null default 0,
  seq bigint not null default 0,
  recorded_at timestamptz not null default clock_timestamp(),
  partition_size bigint not null default 2000000 check (partition_size > 0),
  partitioned_to bigint not null default 0
);
insert into log default values;

create table events (
  position bigint primary key,
  recorded_at timestamptz not null,
  occurred_at timestamptz not null,
  id uuid not null,
  version integer not null,
  stream text collate "C" not null,
  type text collate "C" not null,
  command_id text collate "C" not null,
  data json not null,
  metadata json not null
) partition by range (position);

-- Half-empty pages let an update stay on its page (HOT), and no index but the key means that it always may.
-- A state of up to half a page stays in its row instead of being compressed and moved out. It is text: the database checks no
-- JSON that only its writer reads.
create table streams (
  stream text collate "C" primary key,
  version integer not null,
  position bigint not null,
  head uuid not null,
  state text not null
) with (fillfactor = 50, toast_tuple_target = 4080, autovacuum_vacuum_scale_factor = 0.05);

-- `key` is the first 16 bytes of SHA-256 of stream, NUL and command id.
create table commands (
  key uuid primary key,
  seq bigint not null unique,
  position bigint not null,
  recorded_at timestamptz not null,
  version integer not null,
  stream text collate "C" not null,
  command_id text collate "C" not null,
  fingerprint bytea not null,
  outcome json not null
);

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'Events and outcomes are facts: % of table % is refused.', lower(tg_op), tg_table_name
    using errcode = 'integrity_constraint_violation';
end $$;

create trigger append_only before update or delete or truncate on events
  for each statement execute function refuse_change();
create trigger append_only before update or delete or truncate on commands
  for each statement execute function refuse_change();

-- Makes the next partition. Attaching one takes no lock that a reader or an append would wait for; `create … partition of` would.
-- Only for a caller that holds the row of `log`.
create function make_partition() returns void language plpgsql as $$
declare
  from_position bigint;
  to_position bigint;
  partition text;
begin
  select partitioned_to + 1, partitioned_to + partition_size into from_position, to_position from log;
  partition := format('events_%s', from_position);
  execute format('create table %I (like events including all)', partition);
  execute format('create unique index %I on %I (stream, version)', partition || '_stream_version', partition);
  execute format('create trigger append_only before update or delete or truncate on %I
                  for each statement execute function refuse_change()', partition);
  execute format('alter table events attach partition %I for values from (%s) to (%s)',
                 partition, from_position, to_position + 1);
  update log set partitioned_to = to_position;
end $$;

-- Makes partitions until two whole ones lie ahead of the one in use.
create function make_partitions() returns void language plpgsql as $$
begin
  perform from log for update;
  while (select partitioned_to <= position + 2 * partition_size from log) loop
    perform make_partition();
  end loop;
end $$;
