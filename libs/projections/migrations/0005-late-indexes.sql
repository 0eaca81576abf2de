-- Takes the indexes off the new, empty table that the calling transaction builds a view in, and answers the statements that
-- make them, the primary key first: on rows that are there already an index is made in a fraction of the time.
create function put_off_indexes(view text) returns setof text language plpgsql as $$
declare
  site regclass := format('%I.%I', building_site(), view)::regclass;
  own record;
begin
  for own in
    select i.indexrelid::regclass as index, pg_get_indexdef(i.indexrelid) as definition,
           c.conname as constraint_name, pg_get_constraintdef(c.oid) as constraint_definition
      from pg_index i left join pg_constraint c on c.conindid = i.indexrelid and c.conrelid = i.indrelid
     where i.indrelid = site
     order by i.indisprimary desc, i.indexrelid
  loop
    if own.constraint_name is null then
      execute format('drop index %s', own.index);
      return next own.definition;
    else
      execute format('alter table %s drop constraint %I', site, own.constraint_name);
      return next format('alter table %s add constraint %I %s', site, own.constraint_name, own.constraint_definition);
    end if;
  end loop;
end $$;
