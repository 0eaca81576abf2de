-- What is done in the owner's name finds nothing by a search path that has a schema in which others may create: of functions
-- and operators PostgreSQL takes whichever fits the arguments best, wherever in the path it stands.
do $migration$
begin
  execute replace($definition$
    create or replace function @.make_partition() returns void language plpgsql
    security definer set search_path = pg_catalog, pg_temp as $$
    declare
      from_position bigint;
      to_position bigint;
      partition text;
    begin
      select partitioned_to + 1, partitioned_to + partition_size into from_position, to_position from @.log;
      partition := format('events_%s', from_position);
      execute format('create table @.%I (like @.events including all)', partition);
      execute format('create unique index %I on @.%I (stream, version)', partition || '_stream_version', partition);
      execute format('create trigger append_only before update or delete or truncate on @.%I
                      for each statement execute function @.refuse_change()', partition);
      execute format('alter table @.events attach partition @.%I for values from (%s) to (%s)',
                     partition, from_position, to_position + 1);
      update @.log set partitioned_to = to_position;
    end $$
  $definition$, '@', quote_ident(current_schema()));
end $migration$;
