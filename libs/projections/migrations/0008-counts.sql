-- How many deployments a project has is counted for every page of a list that is paged by number. Along this index that reads no
-- row: it says of each whether it shows.
do $$
declare
  shape name := 'deployments';
begin
  if exists (select from deployments) then
    shape := 'deployments_next';
    create table if not exists deployments_next (like deployments including all);
    alter table deployments_next set (fillfactor = 60, toast_tuple_target = 4080);
  end if;
  execute format('drop index %I', shape || '_project_id_idx');
  execute format('create index on %I (project, id) include (shown)', shape);
end $$;
