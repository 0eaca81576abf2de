-- A build takes over how the table is stored: `like` leaves that out, and a table that was built had no room for its rows to
-- change in place, so that each change went through all of its indexes.
create or replace function begin_build(view text) returns void language plpgsql as $$
declare
  shape regclass := coalesce(to_regclass(quote_ident(view || '_next')), live_table(view));
  options text := (select array_to_string(reloptions, ', ') from pg_class where oid = shape);
begin
  execute format('create schema %I', building_site());
  execute format('create table %I.%I (like %s including all) %s', building_site(), view, shape, 'with (' || options || ')');
  perform set_config('search_path', format('%I, %s', building_site(), current_setting('search_path')), true);
end $$;

-- What a deployment becomes when another takes its place is in no index any more, so that its row changes in place:
-- `rare_status` is the status where that is neither current nor completed, which nearly all are.
do $$
declare
  shape text := 'deployments';
  own record;
begin
  if exists (select from deployments) then
    shape := 'deployments_next';
    create table if not exists deployments_next (like deployments including all);
  end if;
  for own in
    select indexrelid::regclass as index from pg_index
     where indrelid = shape::regclass and pg_get_indexdef(indexrelid) ~ '\(status, id\)|\(status = ''current'''
  loop
    execute format('drop index %s', own.index);
  end loop;
  execute format('
    alter table %1$I add column rare_status text collate "C";
    create index on %1$I (rare_status, id) where rare_status is not null', shape);
end $$;

-- Room in each page for what changes. Rows as long as these are not compressed: to write them as they are takes less time.
-- This counts for what is written from now on, and waits for no reader or writer.
do $$
declare
  shape text;
begin
  foreach shape in array '{current, current_next, tenures, tenures_next, deployments, deployments_next}'::text[] loop
    if to_regclass(shape) is not null then
      execute format('alter table %I set (fillfactor = 60, toast_tuple_target = 4080)', shape);
    end if;
  end loop;
end $$;
