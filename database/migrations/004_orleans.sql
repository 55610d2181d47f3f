-- What Orleans keeps in the database: who is in the cluster, reminders, and soft grain state. Its
-- ADO.NET providers know no table but orleansquery, and read from there what they are to execute.

create schema orleans;
comment on schema orleans is
    'Cluster membership, reminders and grain state of Orleans. No data of users is here.';

create table orleans.orleansquery (
    querykey text not null,
    querytext text not null,
    primary key (querykey)
);
comment on table orleans.orleansquery is
    'The statements of the providers. Orleans names this table and its columns, unqualified, so a '
    'connection of its has this schema as search path.';
comment on column orleans.orleansquery.querykey is
    'What Orleans asks for; a silo that misses a key does not start.';
comment on column orleans.orleansquery.querytext is
    'One statement. Orleans names its parameters and the columns of its result.';

-- Every change of membership names the version it has seen, and the first to name it wins.
create table orleans.membership_version (
    deployment_id text not null,
    version integer not null default 0,
    primary key (deployment_id)
);
comment on table orleans.membership_version is
    'One row a cluster: the fence of its membership.';
comment on column orleans.membership_version.deployment_id is
    'The cluster id.';
comment on column orleans.membership_version.version is
    'Counts the changes of membership; signs of life and cleaning up are none.';

create table orleans.membership (
    deployment_id text not null,
    address text not null,
    port integer not null,
    generation integer not null,
    silo_name text not null,
    host_name text not null,
    status integer not null,
    proxy_port integer not null,
    suspect_times text,
    start_time timestamptz not null,
    i_am_alive_time timestamptz not null,
    primary key (deployment_id, address, port, generation),
    foreign key (deployment_id) references orleans.membership_version on delete cascade
);
comment on table orleans.membership is
    'One row a silo that ever joined, until it is cleaned up. Every access is by cluster.';
comment on column orleans.membership.deployment_id is
    'The cluster id.';
comment on column orleans.membership.address is
    'The IP address at which other silos reach it.';
comment on column orleans.membership.port is
    'The port at which other silos reach it.';
comment on column orleans.membership.generation is
    'Tells a silo from those before it at the same address.';
comment on column orleans.membership.silo_name is
    'The name from its configuration.';
comment on column orleans.membership.host_name is
    'The machine or pod it runs on.';
comment on column orleans.membership.status is
    '1 created, 2 joining, 3 active, 4 shutting down, 5 stopping, 6 dead.';
comment on column orleans.membership.proxy_port is
    'The port for Orleans clients; 0 = it takes none.';
comment on column orleans.membership.suspect_times is
    'Which silos had no answer from it and when, in the notation of Orleans; null = none.';
comment on column orleans.membership.start_time is
    'When it started.';
comment on column orleans.membership.i_am_alive_time is
    'Its last sign of life.';

-- Versions come from a sequence of the whole table, so that an etag never fits a row that was
-- removed and made anew.
create table orleans.reminder (
    service_id text not null,
    grain_id text not null,
    reminder_name text not null,
    grain_hash integer not null,
    start_time timestamptz not null,
    period bigint not null,
    version integer not null generated always as identity (cycle),
    primary key (service_id, grain_id, reminder_name)
);
create index reminder_range on orleans.reminder (service_id, grain_hash);
comment on table orleans.reminder is
    'Timers of grains that outlive their silo. Each silo fires those of its part of the hash ring.';
comment on column orleans.reminder.service_id is
    'The service id, which several clusters in succession may share.';
comment on column orleans.reminder.grain_id is
    'Whom to call: type and key of the grain.';
comment on column orleans.reminder.reminder_name is
    'Unique within its grain.';
comment on column orleans.reminder.grain_hash is
    'Place of the grain on the ring: an unsigned number of 32 bits, read as a signed one.';
comment on column orleans.reminder.start_time is
    'When it fires first.';
comment on column orleans.reminder.period is
    'Milliseconds between two calls.';
comment on column orleans.reminder.version is
    'The etag, another one for every write.';

create table orleans.grain_state (
    service_id text not null,
    state_name text not null,
    grain_id_n0 bigint not null,
    grain_id_n1 bigint not null,
    grain_id_extension text not null,
    payload bytea,
    modified_at timestamptz not null default now(),
    version integer not null generated always as identity (cycle),
    primary key (service_id, state_name, grain_id_n0, grain_id_n1, grain_id_extension)
);
comment on table orleans.grain_state is
    'State of grains that can be lost without harm. The key has the name of the state and not the '
    'type of the grain, so no two types of grain may give a state the same name.';
comment on column orleans.grain_state.service_id is
    'The service id.';
comment on column orleans.grain_state.state_name is
    'The name that the grain gave its state.';
comment on column orleans.grain_state.grain_id_n0 is
    'First half of a UUID key; 0 for other keys.';
comment on column orleans.grain_state.grain_id_n1 is
    'Second half of a UUID key, or an integer key; 0 for other keys.';
comment on column orleans.grain_state.grain_id_extension is
    'A string key, or what was added to another key; empty = neither. A string of up to 16 hex '
    'digits is taken for an integer: a, A and 0a are one key.';
comment on column orleans.grain_state.payload is
    'The serialized state; null = cleared.';
comment on column orleans.grain_state.modified_at is
    'When it was last written or cleared.';
comment on column orleans.grain_state.version is
    'The etag, another one for every write.';

-- Membership. A change takes the lock of the version row first; where the expected version has
-- passed, or there is nothing to change, the statement touches nothing and answers false.
insert into orleans.orleansquery (querykey, querytext) values
('InsertMembershipVersionKey', $query$
with added as (
    insert into orleans.membership_version (deployment_id)
    values (@DeploymentId)
    on conflict do nothing
    returning deployment_id
)
select exists (select from added)
$query$),
('InsertMembershipKey', $query$
with fence as (
    update orleans.membership_version v
    set version = v.version + 1
    where v.deployment_id = @DeploymentId
        and v.version = @Version
        and not exists (
            select from orleans.membership m
            where m.deployment_id = v.deployment_id
                and m.address = @Address
                and m.port = @Port
                and m.generation = @Generation
        )
    returning v.deployment_id
), added as (
    insert into orleans.membership (
        deployment_id, address, port, generation, silo_name, host_name, status, proxy_port,
        start_time, i_am_alive_time
    )
    select
        deployment_id, @Address, @Port, @Generation, @SiloName, @HostName, @Status, @ProxyPort,
        @StartTime, @IAmAliveTime
    from fence
    returning deployment_id
)
select exists (select from added)
$query$),
('UpdateMembershipKey', $query$
with fence as (
    update orleans.membership_version v
    set version = v.version + 1
    where v.deployment_id = @DeploymentId
        and v.version = @Version
        and exists (
            select from orleans.membership m
            where m.deployment_id = v.deployment_id
                and m.address = @Address
                and m.port = @Port
                and m.generation = @Generation
        )
    returning v.deployment_id
), changed as (
    update orleans.membership m
    set status = @Status,
        suspect_times = nullif(@SuspectTimes, ''),
        i_am_alive_time = @IAmAliveTime
    from fence
    where m.deployment_id = fence.deployment_id
        and m.address = @Address
        and m.port = @Port
        and m.generation = @Generation
    returning m.deployment_id
)
select exists (select from changed)
$query$),
('UpdateIAmAlivetimeKey', $query$
update orleans.membership
set i_am_alive_time = @IAmAliveTime
where deployment_id = @DeploymentId
    and address = @Address
    and port = @Port
    and generation = @Generation
$query$),
-- Both reads give the version also where there is no silo: then all else is null.
('MembershipReadRowKey', $query$
select
    v.version as Version, m.address as Address, m.port as Port, m.generation as Generation,
    m.silo_name as SiloName, m.host_name as HostName, m.status as Status,
    m.proxy_port as ProxyPort, m.suspect_times as SuspectTimes, m.start_time as StartTime,
    m.i_am_alive_time as IAmAliveTime
from orleans.membership_version v
left join orleans.membership m
    on m.deployment_id = v.deployment_id
    and m.address = @Address
    and m.port = @Port
    and m.generation = @Generation
where v.deployment_id = @DeploymentId
$query$),
('MembershipReadAllKey', $query$
select
    v.version as Version, m.address as Address, m.port as Port, m.generation as Generation,
    m.silo_name as SiloName, m.host_name as HostName, m.status as Status,
    m.proxy_port as ProxyPort, m.suspect_times as SuspectTimes, m.start_time as StartTime,
    m.i_am_alive_time as IAmAliveTime
from orleans.membership_version v
left join orleans.membership m on m.deployment_id = v.deployment_id
where v.deployment_id = @DeploymentId
$query$),
('GatewaysQueryKey', $query$
select address as Address, proxy_port as ProxyPort, generation as Generation
from orleans.membership
where deployment_id = @DeploymentId
    and status = @Status
    and proxy_port > 0
$query$),
-- Where the second key is there, Orleans reads all and removes one row at a time, if that is still
-- as it was read. It leaves the first one alone then, but demands it.
('CleanupDefunctSiloEntriesKey', $query$
delete from orleans.membership
where deployment_id = @DeploymentId
    and status = 6
    and start_time < @IAmAliveTime
    and i_am_alive_time < @IAmAliveTime
$query$),
('CleanupDefunctSiloEntryKey', $query$
delete from orleans.membership
where deployment_id = @DeploymentId
    and address = @Address
    and port = @Port
    and generation = @Generation
    and status = 6
    and start_time = @StartTime
    and i_am_alive_time = @IAmAliveTime
    and suspect_times is not distinct from nullif(@SuspectTimes, '')
$query$),
('DeleteMembershipTableEntriesKey', $query$
delete from orleans.membership_version where deployment_id = @DeploymentId
$query$);

-- Reminders. A range excludes its begin and includes its end; the second kind goes over the end of
-- the signed numbers, and is everything where both are equal.
insert into orleans.orleansquery (querykey, querytext) values
('ReadReminderRowsKey', $query$
select
    grain_id as GrainId, reminder_name as ReminderName, start_time as StartTime,
    period as Period, version as Version
from orleans.reminder
where service_id = @ServiceId and grain_id = @GrainId
$query$),
('ReadReminderRowKey', $query$
select
    grain_id as GrainId, reminder_name as ReminderName, start_time as StartTime,
    period as Period, version as Version
from orleans.reminder
where service_id = @ServiceId and grain_id = @GrainId and reminder_name = @ReminderName
$query$),
('ReadRangeRows1Key', $query$
select
    grain_id as GrainId, reminder_name as ReminderName, start_time as StartTime,
    period as Period, version as Version
from orleans.reminder
where service_id = @ServiceId and grain_hash > @BeginHash and grain_hash <= @EndHash
$query$),
('ReadRangeRows2Key', $query$
select
    grain_id as GrainId, reminder_name as ReminderName, start_time as StartTime,
    period as Period, version as Version
from orleans.reminder
where service_id = @ServiceId and (grain_hash > @BeginHash or grain_hash <= @EndHash)
$query$),
('UpsertReminderRowKey', $query$
insert into orleans.reminder (
    service_id, grain_id, reminder_name, grain_hash, start_time, period
)
values (@ServiceId, @GrainId, @ReminderName, @GrainHash, @StartTime, @Period)
on conflict (service_id, grain_id, reminder_name) do update
set grain_hash = excluded.grain_hash,
    start_time = excluded.start_time,
    period = excluded.period,
    version = default
returning version as Version
$query$),
('DeleteReminderRowKey', $query$
with removed as (
    delete from orleans.reminder
    where service_id = @ServiceId
        and grain_id = @GrainId
        and reminder_name = @ReminderName
        and version = @Version
    returning version
)
select exists (select from removed)
$query$),
('DeleteReminderRowsKey', $query$
delete from orleans.reminder where service_id = @ServiceId
$query$);

-- Grain state. No row in the answer = another version is there than the grain has read, and Orleans
-- throws InconsistentStateException. No version = the grain has found no row.
insert into orleans.orleansquery (querykey, querytext) values
('ReadFromStorageKey', $query$
select payload as PayloadBinary, version as Version
from orleans.grain_state
where service_id = @ServiceId
    and state_name = @GrainTypeString
    and grain_id_n0 = @GrainIdN0
    and grain_id_n1 = @GrainIdN1
    and grain_id_extension = coalesce(@GrainIdExtensionString, '')
$query$),
('WriteToStorageKey', $query$
with replaced as (
    update orleans.grain_state
    set payload = @PayloadBinary, modified_at = now(), version = default
    where service_id = @ServiceId
        and state_name = @GrainTypeString
        and grain_id_n0 = @GrainIdN0
        and grain_id_n1 = @GrainIdN1
        and grain_id_extension = coalesce(@GrainIdExtensionString, '')
        and version = @GrainStateVersion
    returning version
), added as (
    insert into orleans.grain_state (
        service_id, state_name, grain_id_n0, grain_id_n1, grain_id_extension, payload
    )
    select
        @ServiceId, @GrainTypeString, @GrainIdN0, @GrainIdN1,
        coalesce(@GrainIdExtensionString, ''), @PayloadBinary
    where @GrainStateVersion is null
    on conflict do nothing
    returning version
)
select version as NewGrainStateVersion from replaced
union all
select version from added
$query$),
('ClearStorageKey', $query$
update orleans.grain_state
set payload = null, modified_at = now(), version = default
where service_id = @ServiceId
    and state_name = @GrainTypeString
    and grain_id_n0 = @GrainIdN0
    and grain_id_n1 = @GrainIdN1
    and grain_id_extension = coalesce(@GrainIdExtensionString, '')
    and version = @GrainStateVersion
returning version as NewGrainStateVersion
$query$),
-- The answer must be another version than the one that was removed; none is 0.
('DeleteStorageKey', $query$
delete from orleans.grain_state
where service_id = @ServiceId
    and state_name = @GrainTypeString
    and grain_id_n0 = @GrainIdN0
    and grain_id_n1 = @GrainIdN1
    and grain_id_extension = coalesce(@GrainIdExtensionString, '')
    and version = @GrainStateVersion
returning 0 as NewGrainStateVersion
$query$);

grant usage on schema orleans to orchestra_app, orchestra_readonly;
grant select on all tables in schema orleans to orchestra_app, orchestra_readonly;
grant insert, update, delete on
    orleans.membership_version, orleans.membership, orleans.reminder, orleans.grain_state
    to orchestra_app;
