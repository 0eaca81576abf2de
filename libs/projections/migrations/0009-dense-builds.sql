-- What a build writes is mostly history and stays as it is: its pages are filled. Only what is written behind it has room to
-- change in place, where the shape asks for room.
create or replace function begin_build(view text) returns void language plpgsql as $$
declare
  shape regclass := coalesce(to_regclass(quote_ident(view || '_next')), live_table(view));
  options text := (
    select string_agg(setting, ', ') from pg_class, unnest(reloptions) as setting
     where oid = shape and setting not like 'fillfactor=%'
  );
begin
  execute format('create schema %I', building_site());
  execute format('create table %I.%I (like %s including all) %s', building_site(), view, shape, 'with (' || options || ')');
  perform set_config('search_path', format('%I, %s', building_site(), current_setting('search_path')), true);
end $$;

create or replace function finish_build(view text) returns void language plpgsql as $$
declare
  live regclass := live_table(view);
  home name := (select relnamespace::regnamespace from pg_class where oid = live);
  shape regclass := to_regclass(format('%I.%I', home, view || '_next'));
  room text := (
    select setting from pg_class, unnest(reloptions) as setting
     where oid = coalesce(shape, live) and setting like 'fillfactor=%'
  );
begin
  execute format('analyze %I.%I', building_site(), view);
  execute format('drop table %s', live);
  execute format('drop table if exists %I.%I', home, view || '_next');
  if room is not null then
    execute format('alter table %I.%I set (%s)', building_site(), view, room);
  end if;
  execute format('alter table %I.%I set schema %I', building_site(), view, home);
  execute format('drop schema %I', building_site());
end $$;
