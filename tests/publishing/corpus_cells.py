"""Bad cells of CSV files: what colleagues type where a code, a year or a number belongs."""

from .corpus import HEADER, RIGHT, content, rows

rows("thousands.csv", "thousands.csv:3 [value]: '1,234.5' has separators of thousands: write 1234.5", value="1,234.5")
rows("thousands_zh.csv", ":3 [value]: '1，234' has separators of thousands: write 1234", value="1，234")
rows("percent.csv", ":3 [value]: '65.5%' has a sign of percent: write 65.5", value="65.5%")
rows("percent_zh.csv", ":3 [value]: '65.5％' has a sign of percent: write 65.5", value="65.5％")
rows("full_width.csv", ":3 [value]: '６５．５' has full-width digits: write 65.5", value="６５．５")
rows("comma.csv", ":3 [value]: '65,53' has a comma for the decimal point: write 65.53", value="65,53")
rows("nan.csv", ":3 [value]: 'NaN' is not a finite number", value="NaN")
rows("infinity.csv", ":3 [value]: '-Infinity' is not a finite number", value="-Infinity")
rows("exponent.csv", ":3 [value]: '6.5e1' has an exponent: write the digits in full", value="6.5e1")
rows("overflow.csv", ":3 [value]: '1e999999' has an exponent", value="1e999999")
rows("beyond.csv", ":3 [value]: '9999999999999999' is beyond ±1000000000000000", value="9999999999999999")
rows("digits.csv", ":3 [value]: '65.530000000000001' has more digits than are kept", value="65.530000000000001")
rows("text.csv", ":3 [value]: '65.53万人' has text beside the number: write 65.53", value="65.53万人")
rows("footnote.csv", ":3 [value]: '65.53①' has text beside", value="65.53①")
rows("word.csv", ":3 [value]: 'about half' is not a decimal number", value="about half")
rows("dash.csv", ":3 [value]: '—' is no number: leave a missing value empty and give the reason as status", value="—")
rows("dots.csv", ":3 [value]: '…' is no number: leave a missing value empty", value="…")
rows("none_zh.csv", ":3 [value]: '无' is no number: leave a missing value empty", value="无")
rows("excel_error.csv", ":3 [value]: '#DIV/0!' is not a decimal number", value="#DIV/0!")
rows("formula.csv", ":3 [value]: '=A1+B1' is not a decimal number", value="=A1+B1")
rows("date.csv", ":3 [year]: '2022-12-31' is a date: write the year, 2022", year="2022-12-31")
rows("date_zh.csv", ":3 [year]: '2022年12月31日' is a date: write the year, 2022", year="2022年12月31日")
rows("date_us.csv", ":3 [year]: '12/31/2022' is a date: write the year, 2022", year="12/31/2022")
rows("year_zh.csv", ":3 [year]: '2022年' is not a plain year: write 2022", year="2022年")
rows("year_wide.csv", ":3 [year]: '２０２２' is not a plain year: write 2022", year="２０２２")
rows("year_short.csv", ":3 [year]: '22' is not a year of four digits", year="22")
rows("year_empty.csv", ":3 [year]: is empty", year="")
rows("serial.csv", ":3 [year]: '44926' is not a year of four digits", year="44926")
rows("no_region.csv", ":3 [region]: is empty", region="")
rows("region_name.csv", ":3 [region]: there is no region '山东省'; did you mean 370000", region="山东省")
rows("region_near.csv", ":3 [region]: there is no region '37000'; did you mean 370000", region="37000")
rows("indicator_name.csv", ":3 [indicator]: there is no indicator '常住人口城镇化率'; did you mean urbanization_rate",
     indicator="常住人口城镇化率")  # fmt: skip
rows("indicator_case.csv", "did you mean urbanization_rate", indicator="Urbanization_Rate")
rows("source.csv", ":3 [source]: there is no source 'yearbook'", source="yearbook")
rows("status.csv", ":3 [status]: 'Z' is no status of CL_OBS_STATUS", status="Z")
rows("no_status.csv", ":3 [status]: is empty", status="")
rows("no_source.csv", ":3 [source]: a value needs the code of its source", source="")
rows("no_reason.csv", ":3 [status]: no value, but status A", value="")
rows("value_and_reason.csv", ":3 [value]: a value, but status L", status="L")
rows("above.csv", ":3 [value]: 165.53 is impossible: values of this indicator are 0 to 100", value="165.53")
rows("below.csv", ":3 [value]: -1 is impossible", value="-1")
rows("fewer_than_none.csv", ":3 [value]: -5 is impossible: values of this indicator are 0 or more",
     indicator="pop_resident", value="-5")  # fmt: skip
rows("abolished.csv", ":3 [year]: 2023 is after 2018, the last year of region 371200", region="371200", year="2023")
rows("long_cell.csv", ":3 [note]: has more than 32,767 characters", note="x" * 100_000)
rows("long_number.csv", ":3 [value]: '1111", "is no number: it has 40,000 characters", value="1" * 40_000)
rows("many_at_once.csv", "[region]: there is no region 'x1'", "[value]: 'y' is not", "[year]: 'z' is not", "[status]",
     region="x1", value="y", year="z", status="")  # fmt: skip
rows("repeated.csv", ":3 [indicator, region, year]: the same indicator, region and year stand in line 2", year="2023")
content("blank.csv", f"{HEADER}\n\n\n{RIGHT}\n,,,,,,,\nx{RIGHT}\n", "blank.csv:2: warning: rows 2 to 3 are blank",
        "blank.csv:5: warning: the row is blank", "blank.csv:6 [indicator]")  # fmt: skip
content("mixed_ends.csv", f"{HEADER}\r\n{RIGHT}\r{RIGHT.replace('65.53', 'x')}\n", "mixed_ends.csv:3 [value]: 'x'")
