"""What axe, a checker of accessibility, finds in the pages that people read: nothing serious, on screen and in print."""

import pytest
from browser import grave, opened


@pytest.mark.browser
@pytest.mark.parametrize(("width", "unfolded"), ((1280, True), (1920, False)))
def test_axe_finds_nothing_serious_in_the_report(browser, sample_build, width, unfolded):
    with opened(browser, sample_build / "report.html", width=width) as seen:
        seen.draw_all()
        seen.run("open => document.querySelectorAll('details').forEach(one => { one.open = open; })", unfolded)
        assert seen.run("document.querySelectorAll('.js-plotly-plot').length") > 10
        assert grave(seen.page) == []


@pytest.mark.browser
def test_axe_finds_nothing_serious_in_the_report_as_it_is_printed(browser, sample_build):
    with opened(browser, sample_build / "report.html") as seen:
        seen.draw_all()
        seen.page.emulate_media(media="print")
        assert grave(seen.page) == []


@pytest.mark.browser
def test_axe_finds_nothing_serious_in_a_patients_course(browser, sample_build):
    with opened(browser, sample_build / "report.html") as seen:
        seen.run("window.location.hash = 'patient=CG-1007'")
        seen.page.locator("dialog .main-svg").first.wait_for(state="attached")
        assert grave(seen.page) == []


@pytest.mark.browser
def test_axe_finds_a_planted_fault(browser, tmp_path):
    page = tmp_path / "page.html"
    page.write_text('<html lang="en"><title>t</title><main><h1>t</h1><img src="data:,"></main></html>', encoding="utf-8")
    with opened(browser, page) as seen:
        assert [rule for rule, _ in grave(seen.page)] == ["image-alt"]
