-- The login of gateways: it may know who is in the cluster, and nothing else. Run by an administrator,
-- after the first migration; again does no harm.
do $$
begin
    if not exists (select from pg_roles where rolname = 'orchestra_gateway') then
        create role orchestra_gateway login;
    end if;
end
$$;
grant usage on schema orleans to orchestra_gateway;
grant select on all tables in schema orleans to orchestra_gateway;
grant insert, update, delete on orleans.membership, orleans.membership_version, orleans.reminder
    to orchestra_gateway;
