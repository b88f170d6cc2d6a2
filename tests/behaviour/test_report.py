"""The report of a result: figures, the page and the output folder, tried on a made-up result (synthetic_result.py)."""

import json
import math
import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import numpy as np
import pytest

from peqled.report import run as report_run
from peqled.report.display import number, quantity
from peqled.report.figures import FIGURES, applicable_figures, figure_names, plot, to_svg
from peqled.report.figures.network import ARROWS, NODES
from peqled.report.html import Badge, Figure, Notice, Number, Section, Table, render_page
from peqled.report.run import print_summary, summary_of, write_run
from peqled.result import open_result
from peqled.vocabulary import observables
from tests.behaviour.synthetic_result import STAGES, synthetic_result
from tests.browser import assert_opens_without_requests, needs_browser

WANTED = (
    "precursor_absorbance",
    "network",
    "insitu_map",
    "peak_track",
    "size_distribution",
    "pl",
    "trpl",
    "trpl_record",
    "precipitation",
    "washing",
    "stability",
    "mode_budget",
    "angular",
    "band_diagram",
    "profiles",
    "el",
    "eqe_current",
    "jvl",
    "constant_current",
    "hysteresis",
    "pulse",
    "impedance",
    "single_carrier",
    "light_curve",
    "losses",
    "cie",
    "eqe_histogram",
    "lifetime",
    "acceleration",
    "arrhenius",
    "damage_map",
    "mechanisms",
    "tolerances",
)


@pytest.fixture(scope="module")
def tree():
    return synthetic_result()


@pytest.fixture(scope="module")
def dull():
    return synthetic_result(dull=True)


@pytest.fixture(scope="module")
def written(tree, tmp_path_factory):
    folder = tmp_path_factory.mktemp("run") / "out"
    write_run(tree, folder)
    return folder


class Outline(HTMLParser):
    """Tags, attributes that fetch, ids and heading levels of a page."""

    def __init__(self, text):
        super().__init__()
        self.links, self.ids, self.levels, self.tags = [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.ids += [value for name, value in attrs if name == "id"]
        self.links += [
            value for name, value in attrs if name in ("src", "href", "xlink:href", "action", "data", "srcset")
        ]
        if re.fullmatch(r"h\d", tag):
            self.levels.append(int(tag[1]))


def http_references(text):
    """Addresses in a text, other than the names of XML namespaces; the letters of embedded pixels are none."""
    text = re.sub(r'\bxmlns(:\w+)?="[^"]*"', "", text)
    return re.findall(r"(?:https?:)?//[\w.]+", re.sub(r'"data:[^"]*"', '""', text))


PREDICTED = [entry.name for entry in observables() if entry.stage not in ("", "lab")]
"""What a stage predicts; what only instruments see is in `tests/lab`."""

# --- the synthetic result itself


def test_the_synthetic_result_holds_the_whole_vocabulary(tree):
    held = {f"{stage}.{name}" for stage, node in tree.children.items() for name in node.data_vars}
    assert held == set(PREDICTED)


# --- figures


def test_every_figure_applies_to_a_full_result(tree):
    assert sorted(figure_names()) == sorted([*WANTED, "ligand_comparison"])
    assert [spec.name for spec in applicable_figures(tree)] == [n for n in figure_names() if n != "ligand_comparison"]


def test_flasks_side_by_side(tree, dull):
    """One column per result, named under the lowest axes; cluster share, number, size and spread above each other."""
    figure = plot((tree, dull, tree), "ligand_comparison", labels=("C8", "C18", "C8 again"))
    figure.draw_without_rendering()
    assert [text.get_text() for text in figure.axes[3].get_xticklabels()] == ["C8", "C18", "C8 again"]
    edges = figure.axes[2].lines[0].get_ydata()
    assert len(edges) == 3
    assert edges[0] == edges[2]


@pytest.mark.parametrize("name", WANTED)
def test_two_results_in_one_figure(tree, dull, name):
    figure = plot((tree, dull), name, labels=("good", "dull"))
    figure.draw_without_rendering()
    texts = [text.get_text() for axes in figure.axes for text in (axes.title, axes._left_title)]
    legends = [text.get_text() for axes in figure.axes if axes.get_legend() for text in axes.get_legend().get_texts()]
    assert any("dull" in text for text in [*texts, *legends])


@pytest.mark.parametrize("name", PREDICTED)
def test_any_observable_can_be_drawn(tree, dull, name):
    figure = plot((tree, dull), name)
    figure.draw_without_rendering()
    assert figure.axes[0].has_data()


@pytest.mark.parametrize("name", [*WANTED, "led.eqe", "synthesis.species_concentration", "synthesis.size_distribution"])
@pytest.mark.parametrize("value", [math.nan, math.inf, 0.0])
def test_a_result_of_nothing_but_one_value_draws_without_error(name, value):
    ElementTree.fromstring(to_svg(plot(synthetic_result(hollow=value), name)))


def test_lines_show_the_numbers_in_display_units(tree):
    line = plot(tree, "eqe_current").axes[0].get_lines()[0]
    lit = tree["led"]["luminance"].values >= 1.0
    eqe = np.where(lit, tree["led"]["eqe"].values, np.nan)
    current = tree["led"]["current_density"].values
    np.testing.assert_allclose(line.get_xydata(), np.stack([current / 10, 100 * eqe], axis=1))
    delay = plot(tree, "film.decay").axes[0].get_lines()[0].get_xdata()
    np.testing.assert_allclose(delay, tree["film"]["delay"].values * 1e9)


def test_the_mode_budget_bars_add_up(tree):
    widths = [bar.get_width() for bar in plot(tree, "mode_budget").axes[0].patches if hasattr(bar, "get_width")]
    shares = tree["led"]["mode_budget"].sum(("polarisation", "window"))
    kept = float(shares[shares * 100 >= 0.05].sum()) * 100
    bars = sum(widths) - 1.0  # axhspan behind the air bar: from 0 to 1 in axes units
    assert bars == pytest.approx(kept, abs=1e-9)


def test_the_network_is_that_of_the_model():
    """Every arrow's reactions turn something its first box counts into something its last box counts."""
    from peqled.synthesis.network import REACTIONS

    for arrow in ARROWS:
        for name in arrow.reactions:
            reaction = REACTIONS[name]
            sources, ends = NODES[arrow.start].species, NODES[arrow.end].species or ("S",)
            assert set(sources) & set(reaction.reactants), (arrow, name)
            assert set(ends) & set(reaction.products), (arrow, name)


def test_the_solid_forms_from_what_leaves_the_monomer(tree):
    """Without R6 in the result: R6 = R4 - dM/dt, and M is constant here, so that both arrows agree."""
    part = tree.copy(deep=True)
    kept = part["synthesis"].to_dataset().drop_sel(reaction="R6")
    kept["reaction_rate"][...] = 12.0
    kept["species_concentration"][...] = 0.05
    part["synthesis"] = kept
    texts = [text.get_text() for text in plot(part, "network", time=5.0).axes[0].texts]
    assert "R4\n12 mM/s" in texts
    assert "R6\n12 mM/s" in texts


def test_a_peak_is_only_drawn_once_there_is_light(tree):
    part = tree.copy(deep=True)
    part["nanocrystal"]["insitu_pl"][:40] *= 1e-9
    track = plot(part, "peak_track").axes[0].get_lines()[0].get_ydata()
    assert np.isnan(track[:40]).all()
    assert np.isfinite(track[40:]).all()


def test_layers_are_named_where_the_result_names_them(tree):
    texts = [text.get_text() for text in plot(tree, "band_diagram").axes[0].texts]
    assert texts == ["PTAA", "CsPbBr3-NC", "TPBi", "PO-T2T"]
    unnamed = tree.copy()
    unnamed["led"] = tree["led"].to_dataset().drop_vars("layer")
    assert not plot(unnamed, "band_diagram").axes[0].texts


def test_a_chosen_time_and_voltage(tree):
    early = plot(tree, "network", time=1.0).axes[0]
    assert any("t = 1" in text.get_text() or "t = 0.9" in text.get_text() for text in early.texts)
    assert "at 5 V" in plot(tree, "band_diagram", voltage=5.2).axes[0].get_xlabel()


def test_drawing_on_given_axes(tree):
    from matplotlib.figure import Figure as Canvas

    axes = Canvas().subplots()
    assert plot(tree, "led.eqe", ax=axes) is axes.figure
    with pytest.raises(ValueError, match="several axes"):
        plot(tree, "size_distribution", ax=axes)
    with pytest.raises(ValueError, match="polar axes"):
        plot(tree, "angular", ax=axes)


def test_errors_name_what_is_missing(tree):
    with pytest.raises(KeyError, match=r"nearest are: .*eqe_current"):
        plot(tree, "eqe_curent")
    with pytest.raises(KeyError, match=r"needs led\.eqe"):
        plot(synthetic_result(until="film"), "eqe_current")
    with pytest.raises(ValueError, match="2 results need as many labels, got 1"):
        plot((tree, tree), "pl", labels=("one",))


def test_svg_is_valid_the_same_every_time_and_refers_to_nothing(tree):
    for spec in applicable_figures(tree):
        svg = to_svg(plot(tree, spec.name))
        ElementTree.fromstring(svg)
        assert not http_references(svg), spec.name
        assert "<text" in svg, spec.name
    assert to_svg(plot(tree, "insitu_map")) == to_svg(plot(tree, "insitu_map"))


# --- the page


def test_page_escapes_text_and_keeps_headings_in_order():
    table = Table(
        ("name", "value", "role"),
        [["a <b>", Number(0.2413, "%", 0.0012), Badge("predicted")], ["c", None, Badge("declined")]],
    )
    inner = Section("Inner & more", [table, Notice("Careful", ["<script>"])])
    page = render_page("T <1>", [Section("Outer", ["text <i>", inner]), Section("Outer", [])])
    outline = Outline(page)
    assert outline.levels == [1, 2, 3, 2]
    assert "script" not in outline.tags
    assert "i" not in outline.tags
    assert "(0.2413 ± 0.0012)\u00a0%" in page
    assert len(outline.ids) == len(set(outline.ids))


def test_two_figures_of_the_same_drawing_do_not_clash(tree):
    svg = to_svg(plot(tree, "insitu_map"))
    page = render_page("t", [Section("s", [Figure(svg, "First", "caption"), Figure(svg, "Second", "caption")])])
    outline = Outline(page)
    assert len(outline.ids) == len(set(outline.ids))
    targets = re.findall(r"url\(#([^)]+)\)", page) + [link[1:] for link in outline.links if link.startswith("#")]
    assert targets
    assert set(targets) <= set(outline.ids)
    assert page.count('role="img" aria-label="') == 2


def test_the_report_fetches_nothing(written):
    page = (written / "report.html").read_text(encoding="utf-8")
    outline = Outline(page)
    assert all(link.startswith(("#", "data:")) for link in outline.links)
    assert not http_references(page)
    assert not re.search(r"@import|url\((?!#|data:)", page)
    assert "script" not in outline.tags
    assert len(outline.ids) == len(set(outline.ids))


def test_the_report_holds_what_it_should(written):
    page = (written / "report.html").read_text(encoding="utf-8")
    assert all(spec.title in page for name, spec in FIGURES.items() if name in WANTED)
    assert "refine the mesh &lt;b&gt;" in page
    assert "A &amp; B, J. Phys. &lt;1&gt;, 2020" in page
    for role in ("calibrated", "predicted"):
        assert f'class="badge {role}"' in page


@needs_browser
def test_the_report_opens_in_a_browser_without_requests(written, tmp_path):
    assert_opens_without_requests(written / "report.html", tmp_path)


# --- the output folder


def test_everything_is_written(written, tree):
    assert {file.stem for file in (written / "figures").iterdir()} == set(WANTED)
    assert {file.name for file in written.iterdir()} == {"result.nc", "summary.json", "figures", "report.html"}
    again = open_result(written)
    np.testing.assert_array_equal(again["led"]["eqe"], tree["led"]["eqe"])


def test_summary_is_strict_json_with_roles(written, tree):
    summary = json.loads((written / "summary.json").read_text(), parse_constant=lambda text: pytest.fail(text))
    assert summary["led.eqe_max"]["value"] == pytest.approx(float(tree["led"]["eqe_max"]))
    assert summary["led.eqe_max"]["role"] == "predicted"
    assert summary["nanocrystal.pl_peak"] == {"value": 515e-9, "unit": "m", "uncertainty": None, "role": "calibrated"}
    assert summary["lifetime.t50[10000 cd/m2]"]["role"] == "calibrated"
    assert summary["lifetime.t50[1000 cd/m2]"]["role"] == "predicted"
    assert all(set(entry) == {"value", "unit", "uncertainty", "role"} for entry in summary.values())


def test_uncertainty_is_the_numerical_error(tree):
    """EQE: 2e-4 (1 + V) of its value at the voltage of the peak; size CV: coarse minus fine."""
    summary = summary_of(tree)
    voltage = float(tree["led"]["voltage"][int(tree["led"]["eqe"].values.argmax())])
    entry = summary["led.eqe_max"]
    assert entry["uncertainty"] == pytest.approx(2e-4 * (1 + voltage) * entry["value"], rel=1e-12)
    assert summary["nanocrystal.size_cv"]["uncertainty"] == pytest.approx(0.002, rel=1e-9)
    assert summary["optics.outcoupling_efficiency"]["uncertainty"] == pytest.approx(0.25 * 2e-10)


def test_numbers_that_are_none_are_declined(tmp_path):
    tree = synthetic_result(until="lifetime")
    tree["lifetime"]["t50"].values[0] = math.inf
    tree["led"]["eqe_max"].values[...] = math.nan
    summary = write_run(tree, tmp_path)
    for name in ("lifetime.t50[1000 cd/m2]", "led.eqe_max"):
        assert summary[name]["value"] is None
        assert summary[name]["role"] == "declined"
    json.loads((tmp_path / "summary.json").read_text(), parse_constant=lambda text: pytest.fail(text))
    assert 'class="badge declined"' in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_a_shorter_run_removes_only_figures_that_no_longer_apply(tmp_path, capsys):
    write_run(synthetic_result(until="nanocrystal"), tmp_path)
    figures = tmp_path / "figures"
    assert (figures / "pl.svg").exists()
    (figures / "mine.svg").write_text("mine")
    calls = []
    summary = write_run(
        synthetic_result(until="synthesis"), tmp_path, progress=lambda text, done: calls.append((text, done))
    )
    assert {file.name for file in figures.iterdir()} == {
        "mine.svg",
        "network.svg",
        "precursor_absorbance.svg",
        "size_distribution.svg",
    }
    assert set(json.loads((tmp_path / "summary.json").read_text())) == set(summary)
    assert all(name.startswith("synthesis.") for name in summary)
    assert calls[-1] == ("written", 1.0)
    assert all(0 <= done <= 1 for _, done in calls)


@pytest.mark.parametrize("stage", list(STAGES))
def test_each_depth_of_run_has_its_figures(stage):
    """A figure applies as soon as its last stage ran, and never before."""
    tree = synthetic_result(until=stage)
    drawn = {spec.name for spec in applicable_figures(tree)}
    assert "network" in drawn
    assert ("acceleration" in drawn) == (stage == "lifetime")
    assert ("mode_budget" in drawn) == (list(STAGES).index(stage) >= list(STAGES).index("optics"))
    assert ("eqe_histogram" in drawn) == (stage in ("batch", "lifetime"))


def test_a_failure_leaves_the_old_files_whole(tmp_path, monkeypatch):
    """The page can't be written: the earlier page stays, no half file lies about, and the numbers are safe."""
    write_run(synthetic_result(until="synthesis"), tmp_path)
    old = (tmp_path / "report.html").read_bytes()

    def fail(*args):
        raise OSError("disk full")

    monkeypatch.setattr(report_run, "run_page", fail)
    with pytest.raises(OSError, match="disk full"):
        write_run(synthetic_result(until="nanocrystal"), tmp_path)
    assert (tmp_path / "report.html").read_bytes() == old
    assert not [file.name for file in tmp_path.rglob(".*")]
    assert "nanocrystal" in open_result(tmp_path).children


def test_the_printed_summary_reads_in_lab_units(written, tree, capsys):
    print_summary(summary_of(tree), written)
    text = capsys.readouterr().out
    assert re.search(r"eqe_max\s+24\.\d+ .*%\s+predicted", text)
    assert re.search(r"t50\[10000 cd/m2\]\s+54\s+min\s+calibrated", text)
    assert str(written) in text.replace("\n", "")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (24.1312, "24.13"),
        (-3.5, "−3.5"),
        (3.21e16, "3.21×10¹⁶"),
        (1e-12, "1×10⁻¹²"),
        (12345.0, "12345"),
        (math.nan, "–"),
        (math.inf, "∞"),
    ],
)
def test_numbers_as_text(value, text):
    assert number(value) == text


def test_operating_times_choose_their_unit():
    assert quantity("lifetime.t50", 3240.0) == "54 min"
    assert quantity("lifetime.t50", 45.0) == "45 s"
    assert quantity("lifetime.t50", 162000.0) == "45 h"
    assert quantity("nanocrystal.xrd_fwhm", math.radians(1.1)) == "1.1°"
    assert quantity("led.current_density", 10.0) == "1 mA/cm²"
