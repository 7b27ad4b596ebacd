create table if not exists dim_airline (
    carrier varchar(2) not null,
    name varchar(64),
    primary key (carrier)
)
diststyle all
