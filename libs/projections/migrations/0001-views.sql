-- Every view can be made anew from the log; nothing here is the only copy of a fact.

-- The version of the code that each view was built by. Its row is the lock under which a view is written.
create table projections (
  name text collate "C" primary key,
  version integer not null
);

-- `state` is the domain's target without its history. A deleted target keeps its row, for it may come back.
create table targets (
  stream text collate "C" primary key,
  project text collate "C" not null,
  key text collate "C" not null,
  alive boolean not null,
  version integer not null,
  position bigint not null,
  state json not null
) with (fillfactor = 70);
create index on targets (project, key) where alive;

-- `runs`: something is current, and it is `state.current`.
create table current (
  stream text collate "C" primary key,
  project text collate "C" not null,
  key text collate "C" not null,
  environment_type text collate "C" not null,
  runs boolean not null,
  state json not null
) with (fillfactor = 70);
create index on current (project, key) where runs;

-- `id` is the position of the event that created the deployment; `shown` is false while its target is deleted.
create table deployments (
  stream text collate "C" not null,
  number integer not null,
  id bigint not null,
  project text collate "C" not null,
  key text collate "C" not null,
  status text collate "C" not null,
  version text collate "C" not null,
  actor text collate "C" not null,
  created_at timestamptz not null,
  repositories text[] collate "C" not null,
  branches text[] collate "C" not null,
  commits text[] collate "C" not null,
  shown boolean not null default true,
  body json not null,
  primary key (stream, number)
);
create unique index on deployments (id);
create index on deployments (project, id);
create index on deployments (project, key, id);
create index on deployments (status, id);
create index on deployments (version, id);
create index on deployments (actor, id);
create index on deployments (created_at);
create index on deployments using gin (repositories, branches, commits);

-- `clocks` is when the clocks of each deployment in flight were set; `waits` are the deadlines of the target, `due` the first.
create table deadlines (
  stream text collate "C" primary key,
  project text collate "C" not null,
  key text collate "C" not null,
  due timestamptz,
  waits json not null,
  clocks json not null,
  state json not null
) with (fillfactor = 70);
create index on deadlines (due) where due is not null;

-- Where the calling transaction builds a view beside the live one. All of it is gone if the transaction is.
create function building_site() returns text language sql stable as $$
  select 'building_' || pg_backend_pid()
$$;

-- The live table of a view, also for a transaction that is building one.
create function live_table(view text) returns regclass language sql stable as $$
  select format('%I.%I', schema, view)::regclass
    from unnest(current_schemas(false)) with ordinality as path (schema, n)
   where schema <> building_site() and to_regclass(format('%I.%I', schema, view)) is not null
   order by n limit 1
$$;

-- Makes an empty table like the live one. For the rest of the transaction the view's name means this new table.
create function begin_build(view text) returns void language plpgsql as $$
begin
  execute format('create schema %I', building_site());
  execute format('create table %I.%I (like %s including all)', building_site(), view, live_table(view));
  perform set_config('search_path', format('%I, %s', building_site(), current_setting('search_path')), true);
end $$;

-- Puts the new table in place of the live one. Readers wait for the commit, then see all of it.
create function finish_build(view text) returns void language plpgsql as $$
declare
  home name := (select relnamespace::regnamespace from pg_class where oid = live_table(view));
begin
  execute format('analyze %I.%I', building_site(), view);
  execute format('drop table %I.%I', home, view);
  execute format('alter table %I.%I set schema %I', building_site(), view, home);
  execute format('drop schema %I', building_site());
end $$;

-- The rows in which the live view and the one being built differ, by primary key; null where one of them has no such row.
-- Only streams of one slice (`mask` is one less than the number of slices, a power of two), so that no statement takes too long.
create function build_differences(view text, mask integer, slice integer) returns table (live json, built json)
language plpgsql as $$
declare
  keys text := (
    select string_agg(quote_ident(attname), ', ')
      from pg_index join pg_attribute on attrelid = indrelid and attnum = any (indkey)
     where indrelid = live_table(view) and indisprimary
  );
begin
  return query execute format(
    'select row_to_json(l), row_to_json(b)
       from (select * from %s where hashtext(stream) & $1 = $2) l
       full join (select * from %I.%I where hashtext(stream) & $1 = $2) b using (%s)
      where to_jsonb(l) is distinct from to_jsonb(b)',
    live_table(view), building_site(), view, keys) using mask, slice;
end $$;

create function abandon_build() returns void language plpgsql as $$
begin
  execute format('drop schema %I cascade', building_site());
end $$;
