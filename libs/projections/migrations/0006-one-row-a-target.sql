-- What a target is, what is current on it and what it waits for stand in one row: they have the same key and the same fold, and
-- each event of a target had been three rows with its whole state. `state` is the domain's target but for its history and for what
-- is current, which is `deployment`; a deleted target keeps its row, for it may come back. `clocks` is when the clocks of each
-- deployment in flight were set; `waits` are the deadlines of the target, `due` the first. What only this library reads is text:
-- the database need not check it.
create table current_next (
  stream text collate "C" primary key,
  project text collate "C" not null,
  key text collate "C" not null,
  environment_type text collate "C" not null,
  alive boolean not null,
  runs boolean not null,
  deployment json,
  state text not null,
  clocks text not null,
  waits text not null,
  due timestamptz
) with (fillfactor = 70);
create index on current_next (project, key) where alive;
create index on current_next (project, key) where runs;
create index on current_next (due) where due is not null;

-- Where there are rows, replicas of the release before read and write the three tables until they are gone; then `targets` and
-- `deadlines` can be dropped.
do $$
begin
  if not exists (select from current) then
    drop table current, targets, deadlines;
    alter table current_next rename to current;
    delete from projections where name in ('targets', 'deadlines');
    delete from checkpoints where name in ('projection:targets', 'projection:deadlines');
  end if;
end $$;

-- Of `tenures`, too, the state is text without what is current: that is what stands last.
do $$
declare
  shape name := 'tenures';
begin
  if exists (select from tenures) then
    shape := 'tenures_next';
    create table tenures_next (like tenures including all);
  end if;
  execute format('alter table %I alter column state type text', shape);
end $$;
