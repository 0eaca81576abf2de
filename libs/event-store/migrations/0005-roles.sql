-- Partitions belong to the role that migrates, also where another one appends. Its search path is fixed: whoever calls it could
-- otherwise put a table of theirs before `log` or `events`.
do $$
begin
  execute format('alter function make_partition() security definer set search_path = %I, pg_temp', current_schema());
end $$;
