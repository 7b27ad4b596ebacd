-- Redshift declares keys and enforces none: a row fails that lacks part of its key, or shares it.
{% test key(model, columns) %}
select
    {{ columns | join(', ') }},
    count(*) as rows_of_it
from {{ model }}
group by {{ columns | join(', ') }}
having
    count(*) > 1
    {% for column in columns %}
    or {{ column }} is null
    {% endfor %}
{% endtest %}
