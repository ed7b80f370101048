"""CSV with a header."""

import pytest

from tests.unit.dataset.samples import csv_file, csv_rows, refusal, rows
from trieur.dataset import read_dataset


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", [b"\r\n", b"\n", b"\r"], ids=["crlf", "lf", "cr"])
def test_delimiters_and_line_ends(delimiter, end):
    table = csv_rows()
    table[1][0] = "un, deux; trois\tquatre"
    data = csv_file(table, delimiter).replace(b"\r\n", end)
    dataset = read_dataset(data, "a.csv")
    assert dataset.texts[0] == "un, deux; trois\tquatre"
    assert len(dataset.texts) == 24


def test_columns_in_any_order_and_beside_others():
    table = [
        ["id", "Label", "note", " Text "],
        *([str(n), row["label"], "", row["text"]] for n, row in enumerate(rows())),
    ]
    assert read_dataset(csv_file(table), "a.csv").texts == [row["text"] for row in rows()]


def test_a_nameless_first_column_of_tab_separated_values_keeps_its_place():
    table = [["", "text", "label"], *([str(n), row["text"], row["label"]] for n, row in enumerate(rows()))]
    assert read_dataset(csv_file(table, "\t"), "a.tsv").texts == [row["text"] for row in rows()]


def test_blank_lines_are_passed_over_and_counted():
    table = csv_rows()
    table[5][0] = ""
    data = b"\n\r\n" + csv_file(table).replace(b"\r\n", b"\r\n\r\n")
    assert "Line 13 has an empty text" in refusal(data)


def test_breaks_inside_a_cell_keep_it_one_record_and_lines_are_counted():
    table = csv_rows()
    odd = ["un\ndeux\n\ntrois", "un\r\ndeux", 'un "deux"\u2028trois', "un\rdeux"]
    for number, text in enumerate(odd, 1):
        table[number][0] = text
    dataset = read_dataset(csv_file(table), "a.csv")
    assert dataset.texts[:4] == odd
    assert len(dataset.texts) == 24
    table[8][1] = ""
    # Five breaks inside the cells before it, and one line for the header.
    assert "Line 14 has an empty label" in refusal(csv_file(table))


@pytest.mark.parametrize("start", ["=1+1", "+33 6", "-1", "@SUM(A1)", "=cmd|' /C calc'!A0", "\t=1"])
def test_what_a_spreadsheet_would_take_for_a_formula_is_kept(start):
    table = csv_rows()
    table[1][0] = start
    dataset = read_dataset(csv_file(table), "a.csv")
    assert dataset.texts[0] == start
    assert dataset.warnings == []


def test_a_label_that_looks_like_a_formula_is_kept():
    table = [[cell.replace("WHO_IS", "=WHO_IS") for cell in row] for row in csv_rows()]
    assert read_dataset(csv_file(table), "a.csv").label_counts == {"=WHO_IS": 12, "HOW_ARE_YOU": 12}


@pytest.mark.parametrize(
    "header", ["phrase,étiquette", "text", "text,text", "Qui est-ce ?,WHO_IS", "label,label", '"a']
)
def test_a_header_without_text_and_label_is_refused(header):
    data = csv_file(csv_rows()).split(b"\r\n", 1)[1]
    sentence = refusal(f"{header}\n".encode() + data, "a.csv")
    assert header.split(",")[0].strip('"') in sentence
    assert "header" in sentence


@pytest.mark.parametrize(
    ("header", "named"),
    [("text,text,label", '"text"'), ("text,label,Label", '"Label"'), ("question,review,label", "review")],
)
def test_two_columns_that_could_be_the_one_are_refused(header, named):
    width = header.count(",") + 1
    data = f"{header}\n" + "".join(f"{','.join(['x'] * width)}\n" for _ in range(20))
    assert named in refusal(data.encode())


def test_a_second_choice_beside_the_first_is_said_to_be_ignored():
    table = [["text", "category", "label"], *([row["text"], "c", row["label"]] for row in rows())]
    dataset = read_dataset(csv_file(table), "a.csv")
    assert dataset.label_counts == {"HOW_ARE_YOU": 12, "WHO_IS": 12}
    assert '"category"' in dataset.warnings[0]


@pytest.mark.parametrize("line", ["un, deux,WHO_IS", "un"])
def test_a_line_with_other_columns_than_the_header_is_refused(line):
    data = csv_file(csv_rows()).decode().split("\r\n")
    data[3] = line
    sentence = refusal("\n".join(data).encode())
    assert "Line 4 has" in sentence
    assert "header has 2" in sentence


def test_a_quote_never_closed_is_refused():
    data = csv_file(csv_rows()).decode().replace("Qui est la personne n° 2", '"Qui est la personne n° 2', 1)
    assert "Line 4 is not valid CSV" in refusal(data.encode())
    without_more = "\n".join(data.split("\r\n")[:13])
    assert "Line 4 starts a cell in double quotes that is never closed" in refusal(without_more.encode())


def test_a_quote_inside_quotes_not_doubled_is_refused():
    data = csv_file(csv_rows()).decode().replace("Qui est la personne n° 2 ?", '"Qui est "la" personne"', 1)
    sentence = refusal(data.encode())
    assert "Line 4 is not valid CSV" in sentence
    assert "double the quotes" in sentence


def test_a_blank_before_a_quote_is_refused():
    data = csv_file(csv_rows()).decode().replace(",WHO_IS", ', "WHO_IS"')
    sentence = refusal(data.encode())
    assert "Line 2 has a blank before a double quote" in sentence


def test_a_cell_beyond_every_size_is_refused():
    table = csv_rows()
    table[2][0] = "a" * 300_000
    sentence = refusal(csv_file(table))
    assert "Line 3 has a cell of more than 131,072 characters" in sentence


def test_a_truncated_last_line_is_refused():
    data = csv_file(csv_rows()).rstrip()
    assert "Line 25" in refusal(data[: data.rindex(b",")])
    assert '"HOW_A" (1)' in refusal(data[: data.rindex(b"RE_YOU")])


def test_a_last_line_without_end_is_said():
    table = [row[::-1] for row in csv_rows()]
    data = csv_file(table, ";")
    assert read_dataset(data, "a").warnings == []
    for cut in (data.rstrip(), data.rstrip()[:-3]):
        (warning,) = read_dataset(cut, "a").warnings
        assert warning.startswith("Line 25, the last, has no line end")


def test_a_column_of_labels_holds_several_in_a_cell():
    table = csv_rows(label="labels")
    table[1][1] = "WHO_IS|HOW_ARE_YOU"
    table[2][1] = '["HOW_ARE_YOU", "WHO_IS"]'
    dataset = read_dataset(csv_file(table), "a.csv")
    assert dataset.mode == "multi-label"
    assert dataset.labels[:3] == [("HOW_ARE_YOU", "WHO_IS"), ("HOW_ARE_YOU", "WHO_IS"), ("WHO_IS",)]
    table[3][1] = "['WHO_IS']"
    assert "Line 4" in refusal(csv_file(table))
    table[3][1] = "WHO_IS||HOW_ARE_YOU"
    assert "Line 4 has an empty label" in refusal(csv_file(table))


def test_mode_multi_label_makes_a_label_column_hold_several():
    table = csv_rows()
    table[1][1] = "WHO_IS|HOW_ARE_YOU"
    assert read_dataset(csv_file(table), "a", mode="multi-label").labels[0] == ("HOW_ARE_YOU", "WHO_IS")


def test_a_separator_in_single_labels_is_kept_and_said():
    table = [[cell.replace("WHO_IS", "WHO|IS") for cell in row] for row in csv_rows()]
    dataset = read_dataset(csv_file(table), "a")
    assert dataset.label_counts == {"HOW_ARE_YOU": 12, "WHO|IS": 12}
    assert '"WHO|IS" (line 2)' in dataset.warnings[0]


def test_labels_joined_by_something_else_are_said():
    table = [["text", "labels"], *([text, "A, B" if label == "WHO_IS" else label] for text, label in csv_rows()[1:])]
    dataset = read_dataset(csv_file(table), "a")
    assert set(dataset.label_counts) == {"A, B", "HOW_ARE_YOU"}
    assert dataset.warnings == ['One label each is read in "A, B" (line 2): write several as A|B.']


def test_a_list_in_a_column_of_single_labels_is_said():
    table = [["text", "label"], *([text, f"['{label}']"] for text, label in csv_rows()[1:])]
    (warning,) = read_dataset(csv_file(table), "a").warnings
    assert warning.startswith("The label \"['WHO_IS']\" (line 2) and \"['HOW_ARE_YOU']\" (line 14) is taken whole")
