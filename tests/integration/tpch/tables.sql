-- TPC-H's tables with the types, distribution and sort keys of AWS's own benchmark:
-- https://github.com/awslabs/amazon-redshift-utils, src/CloudDataWarehouseBenchmark, derived from TPC-H
create table customer (
    c_custkey int8 not null,
    c_name varchar(25) not null,
    c_address varchar(40) not null,
    c_nationkey int4 not null,
    c_phone char(15) not null,
    c_acctbal numeric(12, 2) not null,
    c_mktsegment char(10) not null,
    c_comment varchar(117) not null,
    primary key (c_custkey)
) distkey (c_custkey) sortkey (c_custkey);

create table lineitem (
    l_orderkey int8 not null,
    l_partkey int8 not null,
    l_suppkey int4 not null,
    l_linenumber int4 not null,
    l_quantity numeric(12, 2) not null,
    l_extendedprice numeric(12, 2) not null,
    l_discount numeric(12, 2) not null,
    l_tax numeric(12, 2) not null,
    l_returnflag char(1) not null,
    l_linestatus char(1) not null,
    l_shipdate date not null,
    l_commitdate date not null,
    l_receiptdate date not null,
    l_shipinstruct char(25) not null,
    l_shipmode char(10) not null,
    l_comment varchar(44) not null,
    primary key (l_orderkey, l_linenumber)
) distkey (l_orderkey) sortkey (l_shipdate, l_orderkey);

create table nation (
    n_nationkey int4 not null,
    n_name char(25) not null,
    n_regionkey int4 not null,
    n_comment varchar(152) not null,
    primary key (n_nationkey)
) diststyle all sortkey (n_nationkey);

create table orders (
    o_orderkey int8 not null,
    o_custkey int8 not null,
    o_orderstatus char(1) not null,
    o_totalprice numeric(12, 2) not null,
    o_orderdate date not null,
    o_orderpriority char(15) not null,
    o_clerk char(15) not null,
    o_shippriority int4 not null,
    o_comment varchar(79) not null,
    primary key (o_orderkey)
) distkey (o_orderkey) sortkey (o_orderdate, o_orderkey);

create table part (
    p_partkey int8 not null,
    p_name varchar(55) not null,
    p_mfgr char(25) not null,
    p_brand char(10) not null,
    p_type varchar(25) not null,
    p_size int4 not null,
    p_container char(10) not null,
    p_retailprice numeric(12, 2) not null,
    p_comment varchar(23) not null,
    primary key (p_partkey)
) distkey (p_partkey) sortkey (p_partkey);

create table partsupp (
    ps_partkey int8 not null,
    ps_suppkey int4 not null,
    ps_availqty int4 not null,
    ps_supplycost numeric(12, 2) not null,
    ps_comment varchar(199) not null,
    primary key (ps_partkey, ps_suppkey)
) distkey (ps_partkey) sortkey (ps_partkey);

create table region (
    r_regionkey int4 not null,
    r_name char(25) not null,
    r_comment varchar(152) not null,
    primary key (r_regionkey)
) diststyle all sortkey (r_regionkey);

create table supplier (
    s_suppkey int4 not null,
    s_name char(25) not null,
    s_address varchar(40) not null,
    s_nationkey int4 not null,
    s_phone char(15) not null,
    s_acctbal numeric(12, 2) not null,
    s_comment varchar(101) not null,
    primary key (s_suppkey)
) diststyle all sortkey (s_suppkey);
