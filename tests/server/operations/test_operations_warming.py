"""A process that answers requests has loaded its pages before, and does not stop to walk through them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

PROGRAM = """
import gc, json, sys
from roadworthy.server.wsgi import application_of_server
application_of_server()
from django.template import engines
from pathlib import Path
import roadworthy.server
[loader] = engines["django"].engine.template_loaders
print(json.dumps({
    "frozen": gc.get_freeze_count(),
    "views": "roadworthy.server.findings.views" in sys.modules,
    "compiled": len(loader.get_template_cache),
    "templates": len(list(Path(roadworthy.server.__file__).parent.rglob("templates/**/*.html"))),
    "left": len(gc.get_objects()),
}))
"""


def test_pages_and_templates_are_loaded_and_frozen_before_the_first_request(tmp_path: Path) -> None:
    env = os.environ | {"ROADWORTHY_DATA": str(tmp_path), "ROADWORTHY_HOME": str(tmp_path), "DATABASE_URL": ""}
    env |= {"DJANGO_SETTINGS_MODULE": "roadworthy.server.settings"}
    done = subprocess.run([sys.executable, "-c", PROGRAM], env=env, capture_output=True, text=True, check=True)
    said = json.loads(done.stdout)
    assert said["views"]
    assert said["compiled"] >= said["templates"] > 100
    assert said["frozen"] > 100_000 > 10 * said["left"]
