-- Which deployments have a commit. `sha` is it with small letters, so that one stretch of the index has a commit or a prefix in
-- every spelling; whether a spelling is the same commit is asked of the deployment. A deployment without commits has one row with
-- an empty `sha`: its id is known when commits come.
create table commits (
  stream text collate "C" not null,
  number integer not null,
  sha text collate "C" not null,
  id bigint not null,
  project text collate "C" not null,
  primary key (stream, number, sha)
);
create index on commits (sha, id) where sha <> '';
