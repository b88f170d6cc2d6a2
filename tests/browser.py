"""A page in headless Chromium: does it open, and does it ask the network for anything?"""

import re
import shutil
import subprocess

import pytest

needs_browser = pytest.mark.skipif(shutil.which("chromium") is None, reason="needs chromium")

_FLAGS = "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
_FLAGS += " --disable-component-update --disable-sync --virtual-time-budget=2000 --window-size=1200,2000"
_OFFLINE = "--host-resolver-rules=MAP * ~NOTFOUND"


def assert_opens_without_requests(page, folder):
    """Chromium draws `page`; its network log holds no address but the file's and those at which Chromium itself calls
    home. `folder` takes profile, log and picture."""
    log, shot = folder / "net.json", folder / "page.png"
    command = ["chromium", *_FLAGS.split(), _OFFLINE, f"--user-data-dir={folder / 'profile'}", f"--log-net-log={log}"]
    subprocess.run([*command, f"--screenshot={shot}", page.as_uri()], check=True, timeout=120, capture_output=True)
    assert shot.stat().st_size > 50_000
    text = log.read_text(encoding="utf-8", errors="replace")
    requests = {url for url in re.findall(r'"url":"([^"]+)"', text) if url.startswith(("http", "ws", "ftp"))}
    assert not {url for url in requests if not re.match(r"https?://[\w.]*google(apis)?\.com/", url)}
