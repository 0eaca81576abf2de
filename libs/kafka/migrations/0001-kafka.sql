-- The next offset of each partition of the commands topic; every record before it has its outcome or lies on the dead topic.
create table command_offsets (
  topic text collate "C" not null,
  partition integer not null,
  next bigint not null check (next >= 0),
  moved_at timestamptz not null default clock_timestamp(),
  primary key (topic, partition)
);

-- What a topic was when this store first used it: a key stays on its partition only while their number does.
create table kafka_topics (
  topic text collate "C" primary key,
  partitions integer not null,
  store_id text not null
);

-- How far each partition reached when the broker last acknowledged a record: a lower end later is a lost tail.
create table topic_ends (
  topic text collate "C" not null,
  partition integer not null,
  next bigint not null,
  primary key (topic, partition)
);

-- Targets whose record on the compacted topic may have been overtaken by an older one: they are published once more.
create table current_again (
  stream text collate "C" primary key,
  due_at timestamptz not null
);
