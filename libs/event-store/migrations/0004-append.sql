-- Appends that are under way come to their end first; later ones wait, and readers of the log do not.
lock table log in exclusive mode;

-- `state` may be older than its stream: `state_version` says which version it is of, and the events above it are the rest.
alter table streams add column state_version integer not null default 0;
update streams set state_version = version;

-- A key begins with the time of a command id that is a UUIDv7, so that new ones stand together at the end of their index. Each outcome
-- is written anew for it, and commands wait meanwhile. Whoever makes the keys of before finds no column for them, and so no outcome
-- is missed or written twice by a call that was under way.
alter table commands rename column key to id_key;
alter table commands disable trigger append_only;
update commands
   set id_key = (replace(left(command_id, 13), '-', '') || left(replace(id_key::text, '-', ''), 20))::uuid
 where command_id ~* '^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$';
alter table commands enable trigger append_only;

-- Its callers know other keys, and take a state that is older than its stream for the present one. They are told what a database
-- tells that is away: their commands are neither appended nor refused for ever, and whoever sends them again finds a newer process.
create or replace function append(
  in_store uuid,
  in_seen bigint,
  s_stream text[], s_expected uuid[], s_from integer[], s_last integer[], s_state text[],
  c_of integer[], c_stream text[], c_key uuid[], c_id text[], c_fingerprint bytea[], c_outcome json[],
  c_version integer[], c_last integer[],
  e_of integer[], e_stream text[], e_version integer[], e_id uuid[], e_type text[], e_command text[],
  e_occurred_at timestamptz[], e_data json[], e_metadata json[]
) returns table (
  base bigint,
  reached bigint,
  recorded_at timestamptz,
  stood bigint[],
  refused json,
  outcomes json,
  partitions_due boolean
) language plpgsql as $$
begin
  raise exception 'The database is of a newer release than this process: stop it.' using errcode = 'cannot_connect_now';
end $$;

-- The only way to write events and outcomes; it is called as one autocommitted statement.
--
-- Streams, commands and events come as arrays, one per column, in order of arrival; `s`, `c` and `e` say whose column it is.
-- `c_of` and `e_of` are the number of the stream in the batch, `s_last` and `c_last` the number in the batch of the last
-- event of that stream, in all or up to that command (0: none). All count from 1. `s_expected` and `s_from` are the head
-- and the version that the stream was decided on. An empty text in `s_state` leaves the state that is there.
--
-- The row of `log` is locked first. Every later statement of a read-committed function takes a new snapshot and so sees all
-- that was committed before; nothing can be committed in between. Hence commit order is position order.
--
-- What comes back: the positions before and after the batch; the position of each stream before it, where a command without events
-- asks for it; of streams that did not pass where they stand, and the outcomes that their commands already have. Where it is another
-- id that has the key, which takes some 2^40 tries to find, the outcome has no fingerprint: so it is no command's that is asked for.
create function append_batch(
  in_store uuid,
  in_seen bigint,
  s_stream text[], s_expected uuid[], s_from integer[], s_last integer[], s_state text[],
  c_of integer[], c_stream text[], c_key uuid[], c_id text[], c_fingerprint bytea[], c_outcome json[],
  c_version integer[], c_last integer[],
  e_of integer[], e_stream text[], e_version integer[], e_id uuid[], e_type text[], e_command text[],
  e_occurred_at timestamptz[], e_data json[], e_metadata json[]
) returns table (
  base bigint,
  reached bigint,
  recorded_at timestamptz,
  stood bigint[],
  refused json,
  outcomes json,
  partitions_due boolean
) language plpgsql as $$
#variable_conflict use_column
declare
  nothing constant uuid := '00000000-0000-0000-0000-000000000000';
  counter record;
  known integer[];
  passes boolean[];
  rows tid[];
  torn text;
  places bigint[];
  answered bigint;
begin
  select ctid, * into counter from log for update;
  if counter.store_id <> in_store or counter.position < in_seen then
    raise exception 'The log went back: store % stands at %, and store % was seen at %.',
      counter.store_id, counter.position, in_store, in_seen using errcode = 'SL001';
  end if;
  base := counter.position;
  recorded_at := greatest(clock_timestamp(), counter.recorded_at);

  -- Nearly no command has an outcome already, so that is not looked up: the index of `commands` refuses it, and then it is.
  known := '{}';
  loop
    begin
      select array_agg(coalesce(s.head, nothing) = b.expected and b.n <> all (known) order by b.n),
             array_agg(coalesce(s.position, 0) order by b.n),
             array_agg(s.ctid order by b.n),
             min(b.stream) filter (where coalesce(s.head, nothing) = b.expected and coalesce(s.version, 0) <> b.version)
        into passes, stood, rows, torn
        from unnest(s_stream, s_expected, s_from) with ordinality as b (stream, expected, version, n)
        left join streams s using (stream);
      if torn is not null then
        raise exception 'Stream % does not stand at the version that the batch gives for its head.', torn;
      end if;

      places := array(
        select base + count(*) filter (where passes[b.of]) over (order by b.n rows unbounded preceding)
          from unnest(e_of) with ordinality as b (of, n)
      );
      reached := coalesce(places[cardinality(places)], base);
      while reached > counter.partitioned_to loop
        perform make_partition();
        select ctid, * into counter from log;
      end loop;

      insert into commands (id_key, seq, position, recorded_at, version, stream, command_id, fingerprint, outcome)
      select b.id_key, counter.seq + row_number() over (order by b.n), coalesce(places[b.last], stood[b.of]), recorded_at,
             b.version, b.stream, b.id, b.fingerprint, b.outcome
        from unnest(c_of, c_stream, c_key, c_id, c_fingerprint, c_outcome, c_version, c_last)
             with ordinality as b (of, stream, id_key, id, fingerprint, outcome, version, last, n)
       where passes[b.of];
      get diagnostics answered = row_count;

      insert into events (position, recorded_at, occurred_at, id, version, stream, type, command_id, data, metadata)
      select places[b.n], recorded_at, b.occurred_at, b.id, b.version, b.stream, b.type, b.command, b.data, b.metadata
        from unnest(e_of, e_stream, e_version, e_id, e_type, e_command, e_occurred_at, e_data, e_metadata)
             with ordinality as b (of, stream, version, id, type, command, occurred_at, data, metadata, n)
       where passes[b.of];

      -- By the place of the row: nothing can have moved it since it was looked up, and no index is searched again.
      update streams s
         set version = e_version[b.last], position = places[b.last], head = e_id[b.last],
             state = case when b.state = '' then s.state else b.state end,
             state_version = case when b.state = '' then s.state_version else e_version[b.last] end
        from unnest(rows, passes, s_last, s_state) as b (row, passes, last, state)
       where s.ctid = b.row and b.passes and b.last > 0;

      insert into streams (stream, version, position, head, state, state_version)
      select b.stream, e_version[b.last], places[b.last], e_id[b.last], b.state, e_version[b.last]
        from unnest(rows, passes, s_last, s_state, s_stream) as b (row, passes, last, state, stream)
       where b.row is null and b.passes and b.last > 0;
      exit;
    exception when unique_violation then
      if known <> '{}' then
        raise;
      end if;
      known := array(
        select distinct b.of from unnest(c_key, c_of) as b (id_key, of) join commands using (id_key)
      );
      if known = '{}' then
        raise;
      end if;
      select ctid, * into counter from log;
    end;
  end loop;

  update log
     set position = reached, seq = counter.seq + answered, recorded_at = append_batch.recorded_at
   where ctid = counter.ctid and answered > 0;

  if false = any (passes) then
    refused := (
      select json_agg(json_build_object('of', b.n, 'stream', stream, 'version', s.version, 'position', s.position,
                                        'head', s.head, 'state', s.state, 'stateVersion', s.state_version))
        from unnest(s_stream) with ordinality as b (stream, n) left join streams s using (stream)
       where not passes[b.n]
    );
    outcomes := (
      select json_agg(json_build_object('of', b.of, 'stream', b.stream, 'commandId', b.id,
                                        'fingerprint', case when (c.stream, c.command_id) = (b.stream, b.id) then encode(c.fingerprint, 'hex') else '' end,
                                        'outcome', c.outcome::text, 'position', c.position, 'version', c.version, 'seq', c.seq,
                                        'recordedAt', to_char(c.recorded_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')))
        from unnest(c_key, c_of, c_stream, c_id) as b (id_key, of, stream, id) join commands c using (id_key)
       where not passes[b.of]
    );
  end if;
  if 0 <> all (c_last) then
    stood := null;
  end if;
  partitions_due := counter.partitioned_to <= reached + 2 * counter.partition_size;
  return next;
end $$;
