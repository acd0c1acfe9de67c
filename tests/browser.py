"""A page opened from a file, with no network, and what it did: requests, errors, dialogs."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass
class Opened:
    """An open page. `requests` holds addresses, `errors` what the console and the page complained of."""

    page: Any
    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)

    def run(self, script: str, *arguments: object) -> Any:
        return self.page.evaluate(script, *arguments)

    def draw_all(self) -> None:
        """Scroll through the page, so that every figure is drawn, and back to its top."""
        self.run("() => { document.documentElement.style.scrollBehavior = 'auto'; }")
        for plot in self.page.locator(".plot[data-figure]").all():
            plot.evaluate("node => node.scrollIntoView()")
            plot.locator(".main-svg").first.wait_for(state="attached")
        self.run("() => window.scrollTo(0, 0)")


@contextmanager
def opened(browser: Any, path: Path, width: int = 1280, height: int = 900) -> Iterator[Opened]:
    """Open a file in a window of its own, offline."""
    context = browser.new_context(viewport={"width": width, "height": height}, offline=True)
    seen = Opened(context.new_page())
    seen.page.on("request", lambda request: seen.requests.append(request.url))
    seen.page.on("pageerror", lambda error: seen.errors.append(str(error)))
    seen.page.on("console", lambda message: _note(seen, message))
    seen.page.on("dialog", lambda dialog: (seen.dialogs.append(dialog.message), dialog.dismiss()))
    seen.page.goto(path.resolve().as_uri())
    seen.page.wait_for_load_state("load")
    try:
        yield seen
    finally:
        context.close()


def _note(seen: Opened, message: Any) -> None:
    if message.type in ("error", "warning"):
        seen.errors.append(f"{message.type}: {message.text}")


def grave(page: Any) -> list[tuple[str, str]]:
    """What axe, a checker of accessibility, calls serious or critical: its rule, and the first place that it finds."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    return [(fault["id"], fault["nodes"][0]["html"][:200]) for fault in found if fault["impact"] in ("serious", "critical")]
