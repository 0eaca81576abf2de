-- The next build of a view takes the shape of the table `<view>_next` where there is one. So a view gets columns and indexes
-- while it is read and written: no index is built on rows that the build throws away, under a lock that everybody waits for.
create or replace function begin_build(view text) returns void language plpgsql as $$
begin
  execute format('create schema %I', building_site());
  execute format('create table %I.%I (like %s including all)', building_site(), view,
                 coalesce(to_regclass(quote_ident(view || '_next')), live_table(view)));
  perform set_config('search_path', format('%I, %s', building_site(), current_setting('search_path')), true);
end $$;

create or replace function finish_build(view text) returns void language plpgsql as $$
declare
  home name := (select relnamespace::regnamespace from pg_class where oid = live_table(view));
begin
  execute format('analyze %I.%I', building_site(), view);
  execute format('drop table %I.%I', home, view);
  execute format('drop table if exists %I.%I', home, view || '_next');
  execute format('alter table %I.%I set schema %I', building_site(), view, home);
  execute format('drop schema %I', building_site());
end $$;

-- What the figures of delivery ask of a deployment, then where a version runs and ran, and what runs on a target.
-- `failed_at`: it failed then, or was rolled back and became current then.
do $$
declare
  shape name := 'deployments';
begin
  if exists (select from deployments) then
    shape := 'deployments_next';
    create table deployments_next (like deployments including all);
  end if;
  execute format('
    alter table %1$I
      add column finished_at timestamptz,
      add column failed_at timestamptz,
      add column committed_at timestamptz,
      add column rolls_back boolean not null default false;
    create index on %1$I (project, key, finished_at, id) where finished_at is not null;
    create index on %1$I (project, key, failed_at) where finished_at is null and failed_at is not null;
    create index on %1$I (version, project, key, id) where finished_at is not null;
    create index on %1$I (project, key) where status = ''current''', shape);
end $$;
