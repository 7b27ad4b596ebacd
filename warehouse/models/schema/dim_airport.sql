create table if not exists dim_airport (
    airport varchar(3) not null,
    name varchar(128),
    latitude double precision,
    longitude double precision,
    time_zone varchar(64),
    primary key (airport)
)
diststyle all
