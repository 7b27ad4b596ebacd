lock {{ table }};

delete from {{ table }}
where flight_date in ({{ dates }})
