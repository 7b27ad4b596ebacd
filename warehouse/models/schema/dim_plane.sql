create table if not exists dim_plane (
    tail_number varchar(8) not null,
    year integer,
    manufacturer varchar(64),
    model varchar(64),
    seats integer,
    primary key (tail_number)
)
diststyle all
