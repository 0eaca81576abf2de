-- Who acts, one row a person, by whatever name: what counts once for a person (an approval) may not count again for another
-- spelling of his name. Whoever is only claimed to have sent something keeps a row of `actors` for each way he is named, so that
-- nobody can rename by a claim who acts. A person who is forgotten has no row; his opaque id then stands for nobody.
create table acting (
  id text collate "C" primary key,
  name text collate "C",
  opaque_id uuid not null unique default gen_random_uuid()
);

-- Until now both were one: who was called so already goes on under an opaque id that he had.
insert into acting (id, name, opaque_id)
select distinct on (id) id, name, opaque_id from actors where id is not null order by id, name nulls first;
