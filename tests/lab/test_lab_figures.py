"""Figures of a reading: journal widths, the data behind them as a table, and a PDF that needs no browser."""

import csv
import io
import re
import zlib

import numpy as np
import pytest
from matplotlib.figure import Figure

import peqled
from peqled.report.figure_table import COLUMNS, figure_csv
from peqled.report.html import Notice, Number, Section, Table
from peqled.report.lab_figures import draw_all, drawn
from peqled.report.lab_page import lab_sections, write_lab
from peqled.report.lab_pdf import COLUMNS as WIDTH
from peqled.report.lab_pdf import text_lines
from tests.lab.device_files import AREA, spectrum, sweep, table

V, J, L = sweep()
GRID, LIGHT = spectrum()


@pytest.fixture(scope="module")
def reading(tmp_path_factory):
    root = tmp_path_factory.mktemp("device")
    (root / "D1.csv").write_text(table(["Voltage (V)", "Current (A)", "L (cd/m2)"], [V, J * AREA, L]))
    (root / "D1_EL.csv").write_text(table(["Wavelength (nm)", "Radiance (W/sr/m2/nm)"], [GRID, LIGHT]))
    return peqled.read(root, settings={"area": "4 mm^2"})


def rows_of(text):
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def test_table_of_a_figure_holds_what_is_drawn():
    """A curve, points, a bar chart, a map and a guide line in two panels: every datum once, the guide line not."""
    canvas = Figure()
    left, right = canvas.subplots(1, 2)
    x = np.linspace(0.0, 1.0, 5)
    left.plot(x, x**2, label="square")
    left.axvline(0.3)
    left.scatter([1.0, 2.0], [3.0, np.nan])
    left.set(xlabel="time (s)", ylabel="signal")
    right.bar([1.0, 2.0], [5.0, 7.0], width=0.5)
    right.pcolormesh([0.0, 1.0, 2.0], [0.0, 1.0], [[4.0, 6.0]])
    rows = rows_of(figure_csv(canvas))
    assert tuple(rows[0]) == COLUMNS
    square = [row for row in rows if row["series"] == "square"]
    assert [float(row["y"]) for row in square] == pytest.approx(x**2)
    assert {(row["panel"], row["x_name"], row["y_name"]) for row in square} == {("1", "time (s)", "signal")}
    assert [(row["x"], row["y"]) for row in rows if row["series"] == "points 1"] == [("1", "3"), ("2", "")]
    assert [(row["x"], row["y"]) for row in rows if row["series"] == "bars 1"] == [("1", "5"), ("2", "7")]
    assert [(row["x"], row["y"], row["value"]) for row in rows if row["series"] == "map 1"] == [
        ("0.5", "0.5", "4"), ("1.5", "0.5", "6")
    ]  # fmt: skip
    assert len(rows) == 5 + 2 + 2 + 2


@pytest.mark.parametrize(("drawn_width", "millimetres"), [(3.35, 85.0), (4.6, 85.0), (6.0, 170.0)])
def test_figures_have_journal_widths(drawn_width, millimetres):
    """The SVG says its width in points of 1/72 inch; proportions are kept."""
    canvas = Figure(figsize=(drawn_width, 3.0))
    canvas.subplots().plot([0, 1])
    made = drawn(canvas, "a", "b")
    width, height = (float(v) for v in re.search(r'width="([\d.]+)pt" height="([\d.]+)pt"', made.figure.svg).groups())
    assert width / 72.0 * 25.4 == pytest.approx(millimetres, abs=0.1)
    assert width / height == pytest.approx(drawn_width / 3.0, rel=1e-3)


def test_every_drawing_lies_beside_its_data(reading, tmp_path):
    """figures/ holds an svg and a csv of each; the curve of the first is the measured sweep."""
    write_lab(reading, tmp_path)
    names = {path.name for path in (tmp_path / "figures").iterdir()}
    assert {name for name in names if name.endswith(".svg")} == {
        name.replace(".csv", ".svg") for name in names if name.endswith(".csv")
    }
    rows = rows_of((tmp_path / "figures" / "jvl-01.csv").read_text("utf-8"))
    density = [float(row["y"]) for row in rows if row["y_name"] == "|J| (mA/cm²)" and row["series"] == "D1"]
    amplitude = np.abs(J) / 10.0
    assert density == pytest.approx(amplitude[amplitude > 1e-9 * amplitude.max()], rel=1e-4)


def test_pdf_has_text_and_a_page_for_each_figure(reading, tmp_path):
    """Pages of the file: at least one of text, one for each drawing; the headline number is among the words."""
    write_lab(reading, tmp_path)
    raw = (tmp_path / "report.pdf").read_bytes()
    assert raw.startswith(b"%PDF")
    count = sum(map(len, draw_all(reading).values()))
    pages = len(re.findall(rb"/Type\s*/Page[^s]", b"".join(_objects(raw)) + raw))
    lines = text_lines(lab_sections(reading, draw_all(reading)))
    assert pages > count > 0
    assert pages - count in (-(-len(lines) // 92), -(-len(lines) // 92) + 1)
    assert any("EQE, Lambertian" in line for line in lines)


def _objects(raw):
    for body in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", raw, re.DOTALL):
        try:
            yield zlib.decompress(body)
        except zlib.error:
            continue


def test_text_pages_wrap_and_fold():
    """Lines fit the page, long tables end with a count, folded ones are named only, formulas are no mathematics."""
    long = Table(("name", "value"), [["a" * 300, Number(1.5, "nm", 0.2)] for _ in range(130)], caption="many")
    folded = Table(("name",), [["x"]], caption="hidden", folded=True)
    lines = text_lines([Section("S", ["word " * 100, long, folded, Notice("N", ["point"])])])
    assert max(len(line.removeprefix("\x01")) for line in lines) <= WIDTH
    assert any("10 more rows" in line for line in lines)
    assert "hidden: in the csv files" in lines
    assert "- point" in lines
