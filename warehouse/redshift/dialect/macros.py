"""Functions in the warehouse's file that the translation calls: Redshift's, where DuckDB has another or none.

A macro must give nothing for nothing, and fail where Redshift fails.
"""

MACROS = r"""
create or replace macro millrace_cut(x, n) as case
    when strlen(x) <= n then x
    else left(x, list_filter(range(n, -1, -1), lambda k: strlen(left(x, k)) <= n)[1]) end;
create or replace macro millrace_fit(x, n) as case
    when strlen(x) <= n then x
    when strlen(rtrim(x, ' ')) <= n then rpad(rtrim(x, ' '), (length(x) - strlen(x) + n)::integer, ' ')
    else x end;
create or replace macro millrace_integer(x) as case
    when x is null then null
    when regexp_full_match(x, '\s*[+-]?[0-9]+\s*') then trim(x)
    else error('invalid input syntax for integer: "' || x || '"') end;
create or replace macro millrace_integer_or_null(x) as case
    when regexp_full_match(x, '\s*[+-]?[0-9]+\s*') then trim(x) end;
create or replace macro millrace_number(x) as case
    when x is null then null
    when regexp_full_match(x, '\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?\s*') then trim(x)
    else error('invalid input syntax for type numeric: "' || x || '"') end;
create or replace macro millrace_number_or_null(x) as case
    when regexp_full_match(x, '\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?\s*') then trim(x) end;
create or replace macro millrace_float_or_null(x) as coalesce(
    millrace_number_or_null(x),
    case when regexp_full_match(lower(x), '\s*(nan|[+-]?inf(inity)?)\s*') then trim(x) end);
create or replace macro millrace_float(x) as case
    when x is null then null
    else coalesce(millrace_float_or_null(x),
        error('invalid input syntax for type double precision: "' || x || '"')) end;
create or replace macro millrace_bool_or_null(x) as case
    when lower(trim(x)) in ('t', 'true', 'y', 'yes', '1') then 'true'
    when lower(trim(x)) in ('f', 'false', 'n', 'no', '0') then 'false' end;
create or replace macro millrace_bool(x) as case
    when x is null then null
    else coalesce(millrace_bool_or_null(x), error('invalid input syntax for type boolean: "' || x || '"')) end;
create or replace macro millrace_timestamp_or_null(x) as case
    when regexp_full_match(x, '\s*[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([ T][0-9]{1,2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?)?\s*')
    then trim(x)
    when regexp_full_match(x, '\s*[0-9]{8}(\s[0-9]{1,2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?)?\s*')
    then regexp_replace(trim(x), '^([0-9]{4})([0-9]{2})([0-9]{2})', '\1-\2-\3')
    when regexp_full_match(x, '\s*[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}(\s[0-9]{1,2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?)?\s*')
    then regexp_replace(trim(x), '^([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})', '\3-\1-\2') end;
create or replace macro millrace_without_zone(x) as regexp_replace(
    x, '(:[0-9]{2}(\.[0-9]{1,6})?)\s*(Z|UTC|[+-][0-9]{1,2}(:?[0-9]{2})?)\s*$', '\1');
create or replace macro millrace_timestamp(x) as case
    when x is null then null
    else coalesce(millrace_timestamp_or_null(millrace_without_zone(x)), error('invalid input syntax for type timestamp: "' || x || '"')) end;
create or replace macro millrace_date_or_null(x) as left(millrace_timestamp_or_null(x), 10);
create or replace macro millrace_date(x) as case
    when x is null then null
    else coalesce(
        regexp_extract(millrace_timestamp_or_null(x), '^[0-9-]+'),
        error('invalid input syntax for type date: "' || x || '"')) end;
create or replace macro millrace_substr_from(x, start) as substr(x, greatest(start, 1));
create or replace macro millrace_substr(x, start, length) as case
    when x is null or start is null or length is null then null
    when length < 0 then error('negative substring length not allowed')
    else substr(x, greatest(start, 1), greatest(length + least(start - 1, 0), 0)) end;
create or replace macro millrace_left(x, n) as case when n < 0 then left(x, 0) else left(x, n) end;
create or replace macro millrace_right(x, n) as case when n < 0 then left(x, 0) else right(x, n) end;
create or replace macro millrace_lpad(x, n, fill) as case
    when x is null or n is null or fill is null then null when n <= 0 then ''
    when fill = '' or length(x) >= n then left(x, n) else lpad(x, n, case when fill = '' then ' ' else fill end) end;
create or replace macro millrace_rpad(x, n, fill) as case
    when x is null or n is null or fill is null then null when n <= 0 then ''
    when fill = '' or length(x) >= n then left(x, n) else rpad(x, n, case when fill = '' then ' ' else fill end) end;
create or replace macro millrace_repeat(x, n) as case when n < 0 then left(x, 0) else repeat(x, n) end;
create or replace macro millrace_positive(n) as case
    when n > 0 then n when n is null then null
    else error('field position must be greater than zero') end;
create or replace macro millrace_split_part(x, separator, n) as case
    when separator = '' then case when n = 1 then x else left(x, 0) end
    else split_part(x, separator, n) end;
create or replace macro millrace_trunc_years(x, n) as date_trunc('year', x) - to_years(((year(x) - 1) % n)::integer);
create or replace macro millrace_octetindex(s, x) as case
    when instr(x, s) = 0 then 0 else strlen(left(x, instr(x, s) - 1)) + 1 end;
create or replace macro millrace_ascii(x) as case when x = '' then 0 else unicode(x) end;
create or replace macro millrace_chr(n) as case
    when n is null then null when n > 0 then chr(n)
    else error('requested character is not valid: ' || n) end;
create or replace macro millrace_initcap(x) as array_to_string(
    list_transform(
        regexp_extract_all(x, '[\p{L}\p{M}\p{N}]+|[^\p{L}\p{M}\p{N}]+'),
        lambda w: upper(left(w, 1)) || lower(substr(w, 2))), '');
create or replace macro millrace_quote_ident(x) as case
    when regexp_full_match(x, '[a-z_][a-z0-9_]*') then x else '"' || replace(x, '"', '""') || '"' end;
create or replace macro millrace_quote_literal(x) as
    '''' || replace(replace(x, '\', '\\'), '''', '''''') || '''';
create or replace macro millrace_digits(x) as
    regexp_extract(trim(x), '^[+-]?(?:0[xX])?([0-9A-Za-z]*)', 1);
create or replace macro millrace_strtol(x, base) as case
    when x is null then null
    when not regexp_full_match(trim(x), '[+-]?(0[xX])?[0-9A-Za-z]*') or len(list_filter(
        string_split(lower(millrace_digits(case when base = 16 then x else replace(lower(x), '0x', '!') end)), ''),
        lambda c: c <> '' and instr('0123456789abcdefghijklmnopqrstuvwxyz', c) > base)) > 0
    then error('the input ' || x || ' is not valid to be converted to base ' || base)
    else (case when left(trim(x), 1) = '-' then -1 else 1 end) * coalesce(list_reduce(
        list_prepend(0::hugeint, list_transform(
            list_filter(string_split(lower(millrace_digits(x)), ''), lambda c: c <> ''),
            lambda c: (instr('0123456789abcdefghijklmnopqrstuvwxyz', c) - 1)::hugeint)),
        lambda a, b: a * base + b), 0)::bigint end;
create or replace macro millrace_regexp_nth(x, pattern, n, place) as
    case when x is null or n is null then null
    else coalesce(regexp_extract_all(x, pattern, place)[n], '') end;
create or replace macro millrace_regexp_instr(x, pattern) as case
    when x is null then null
    when not regexp_matches(x, pattern) then 0
    else length(regexp_replace(x, '(?s)(' || pattern || ').*$', '')) + 1 end;
create or replace macro millrace_ln(x) as case
    when x > 0 then ln(x) when x is null then null
    else error('cannot take logarithm of a number that is not positive') end;
create or replace macro millrace_log10(x) as case
    when x > 0 then log10(x) when x is null then null
    else error('cannot take logarithm of a number that is not positive') end;
create or replace macro millrace_sqrt(x) as case
    when x >= 0 then sqrt(x) when x is null then null
    else error('cannot take square root of a negative number') end;
create or replace macro millrace_round(x, places) as round(x, places);
create or replace macro millrace_trunc(x, places) as trunc(x * pow(10, places)) / pow(10, places);
create or replace macro millrace_round_tens(whole, tens) as
    ((whole + sign(whole)::hugeint * (tens // 2)) // tens) * tens;
create or replace macro millrace_width_bucket(x, low, high, buckets) as case
    when x is null or low is null or high is null or buckets is null then null
    when buckets <= 0 then error('count must be greater than zero')
    when low = high then error('lower bound cannot equal upper bound')
    when low < high then case when x < low then 0 when x >= high then buckets + 1
        else floor((x - low) * buckets / (high - low))::integer + 1 end
    else case when x > low then 0 when x <= high then buckets + 1
        else floor((low - x) * buckets / (low - high))::integer + 1 end end;
create or replace macro millrace_add_months(x, n) as case
    when x::date = last_day(x) then last_day(x + to_months(n)) + (x - date_trunc('day', x))
    else x + to_months(n) end;
create or replace macro millrace_months_between(a, b) as case
    when day(a) = day(b) or (a::date = last_day(a) and b::date = last_day(b))
    then ((year(a) - year(b)) * 12 + month(a) - month(b))::double
    else ((year(a) - year(b)) * 12 + month(a) - month(b))::double
        + (day(a) - day(b) + (epoch_us(a - date_trunc('day', a)) - epoch_us(b - date_trunc('day', b))) / 86400000000.0) / 31.0
    end;
create or replace macro millrace_next_day(x, day) as
    (x + (((day - date_part('dow', x) + 6) % 7) + 1)::integer)::date;
create or replace macro millrace_two_digit_year(x) as case when year(x) = 1969 then x + to_years(100) else x end;
create or replace macro millrace_compare(a, b) as case when a < b then -1 when a > b then 1 when a = b then 0 end;
create or replace macro millrace_char_d(x) as (date_part('dow', x) + 1)::varchar;
create or replace macro millrace_char_q(x) as date_part('quarter', x)::varchar;
create or replace macro millrace_char_ww(x) as lpad(((date_part('doy', x) - 1) // 7 + 1)::varchar, 2, '0');
create or replace macro millrace_whole_text(x, digits, zeros) as lpad(
    case when x = '0' and zeros = 0 then '' else lpad(x, greatest(zeros, length(x))::integer, '0') end,
    digits::integer, ' ');
create or replace macro millrace_groups(x, groups, digits) as list_reduce(
    list_prepend(x, list_transform(groups, lambda g: g::varchar)),
    lambda text, g: left(text, length(x) - g::integer)
        || case when substr(x, length(x) - g::integer, 1) = ' ' then ' ' else ',' end
        || substr(text, length(x) - g::integer + 1));
create or replace macro millrace_number_text(x, digits, zeros, groups, point, places, sign, tight) as case
    when x is null then null
    when length(split_part(abs(x)::varchar, '.', 1)) > digits
    then repeat('#', digits + places + 1)
    else millrace_signed(
        case when len(groups) = 0 then millrace_whole_text(split_part(abs(x)::varchar, '.', 1), digits, zeros)
        else millrace_groups(millrace_whole_text(split_part(abs(x)::varchar, '.', 1), digits, zeros), groups, digits) end
        || point || split_part(abs(x)::varchar, '.', 2), x < 0, sign, tight) end;
create or replace macro millrace_signed(text, negative, sign, tight) as case
    when sign in ('S', 'MI') then
        case when tight then ltrim(text) else text end
        || case when negative then '-' when sign = 'S' then '+' when tight then '' else ' ' end
    when tight then (case when negative then '-' else '' end) || ltrim(text)
    else lpad((case when negative then '-' else '' end) || ltrim(text), (length(text) + 1)::integer, ' ') end;
create or replace macro millrace_text_number(x) as
    case when regexp_full_match(trim(x), '.*-') then '-' else '' end
    || regexp_replace(x, '[$, ]|[-+]$', '', 'g');
create or replace macro millrace_list(values, separator) as nullif(array_to_string(
    list_transform(values, lambda v: v::varchar), separator), '');
create or replace macro millrace_peers(l) as list_filter(l, lambda x, i:
    x is not null and (i = 1 or l[i - 1] is null or rtrim(x, ' ') <> rtrim(l[i - 1], ' ')));
create or replace macro millrace_fits(x) as case
    when strlen(x) > 65535 then error('Result size exceeds LISTAGG limit') else x end;
create or replace macro millrace_json_valid(x) as case
    when not json_valid(x) then false
    when not regexp_matches(x, '(?i),\s*[\]}]|nan|inf') then json_valid(x)
    else not regexp_matches(regexp_replace(x, '"([^"\\]|\\.)*"', '""', 'g'), '(?i),\s*[\]}]|nan|inf') end;
create or replace macro millrace_super(x) as case
    when x is null then null
    when millrace_json_valid(x) then json(try_cast(x as json))
    else error('invalid JSON: ' || left(x, 100)) end;
create or replace macro millrace_super_type(x) as case json_type(x)
    when 'OBJECT' then 'object' when 'ARRAY' then 'array' when 'VARCHAR' then 'string'
    when 'BOOLEAN' then 'boolean' when 'NULL' then 'null' when null then null else
    case when x is null then null else 'number' end end;
create or replace macro millrace_super_null(x) as case when json_type(x) <> 'NULL' then x end;
create or replace macro millrace_super_string(x) as case when json_type(x) = 'VARCHAR' then x ->> '$' end;
create or replace macro millrace_super_number(x) as case
    when json_type(x) in ('BIGINT', 'UBIGINT', 'DOUBLE', 'HUGEINT') then (x ->> '$')::double end;
create or replace macro millrace_super_bool(x) as case when json_type(x) = 'BOOLEAN' then (x ->> '$')::boolean end;
create or replace macro millrace_super_text(x) as case
    when json_type(x) in ('OBJECT', 'ARRAY') then error('cannot cast an object or array in SUPER to a scalar')
    when json_type(x) <> 'NULL' then x ->> '$' end;
create or replace macro millrace_super_length(x) as case
    when json_type(x) = 'ARRAY' then json_array_length(x)::integer end;
create or replace macro millrace_elements(x) as case
    when json_type(x) = 'ARRAY' then json_extract(x, '$[*]') else []::json[] end;
create or replace macro millrace_array_concat(x, y) as case
    when json_type(x) = 'ARRAY' and json_type(y) = 'ARRAY'
    then to_json(list_concat(millrace_elements(x), millrace_elements(y))) end;
create or replace macro millrace_array_flatten(x) as case
    when json_type(x) = 'ARRAY' then to_json(flatten(list_transform(millrace_elements(x),
        lambda e: case when json_type(e) = 'ARRAY' then millrace_elements(e) else [e] end))) end;
create or replace macro millrace_json_is_array(x) as case
    when x is null then null when millrace_json_valid(x) then json_type(try_cast(x as json)) = 'ARRAY' else false end;
create or replace macro millrace_json_length(x) as case
    when x is null then null
    when millrace_json_valid(x) and json_type(try_cast(x as json)) = 'ARRAY' then json_array_length(try_cast(x as json))::integer
    else error('invalid JSON array object ' || left(x, 100)) end;
create or replace macro millrace_json_length_or_null(x) as case
    when millrace_json_valid(x) and json_type(try_cast(x as json)) = 'ARRAY' then json_array_length(try_cast(x as json))::integer end;
create or replace macro millrace_json_read(x, path) as case
    when json_type(json_extract(try_cast(x as json), path)) is null then null
    else coalesce(json_extract(try_cast(x as json), path) ->> '$', '') end;
create or replace macro millrace_json_element(x, n, forgives) as case
    when x is null then null
    when millrace_json_valid(x) and json_type(try_cast(x as json)) = 'ARRAY'
    then case when n < 0 then null else millrace_json_read(x, '$[' || n || ']') end
    when forgives then null
    else error('invalid JSON array object ' || left(x, 100)) end;
create or replace macro millrace_json_path(x, path, forgives) as case
    when x is null then null
    when millrace_json_valid(x) then coalesce(millrace_json_read(x, path), '')
    when forgives then null
    else error('JSON parsing error, invalid JSON object: ' || left(x, 100)) end;
"""
