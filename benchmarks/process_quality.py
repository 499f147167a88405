"""Is the embedded engine's process believable? Measures, verdicts, fakes and contact sheets.

    python benchmarks/process_quality.py kinds   [WHAT…]    what each picture is taken for, against the labels
    python benchmarks/process_quality.py process [WHAT…]    measures of each process, by the bands; fakes as well
    python benchmarks/process_quality.py sizes   [WHAT…]    the same picture at 480 and at 2000 pixels
    python benchmarks/process_quality.py seeds   [WHAT…]    the same picture with three seeds
    python benchmarks/process_quality.py sheets  [WHAT…] --out FOLDER              16 states of each process
    python benchmarks/process_quality.py frames  [WHAT…] --out FOLDER --at 0.6     six frames in a row, at full size

WHAT is pictures to be taken as `--kind`, a folder with a table `labels.tsv`, or nothing: the list in
`quality/pictures.tsv` (or another, such as `--labels benchmarks/quality/unseen.tsv`), whose pictures are looked for
under each `--root` (the file system's root as well; packages may be unpacked anywhere with `dpkg -x`). `--half` takes
one half of the list: tune on one, report both.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import cv2
import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from quality.bands import BANDS  # noqa: E402
from quality.faces import head_box  # noqa: E402
from quality.history import History, taken_for  # noqa: E402
from quality.labels import LINE_BASED, LIST, Half, Kind, Picture, from_files, read_list  # noqa: E402
from quality.pace import VIDEO_FRAMES  # noqa: E402
from quality.reading import Answer, accuracy, confusion  # noqa: E402
from quality.sheet import contact_sheet  # noqa: E402
from quality.study import FULL_SIDE, SIDE, Study, compare_seeds, compare_sizes, load, study  # noqa: E402

STATES = 16
TABLE = "labels.tsv"


def pictures_of(arguments: argparse.Namespace) -> list[Picture]:
    """What the command line asks for, one half of it where a half is asked for."""
    roots = [Path("/"), *arguments.root]
    pictures: list[Picture] = []
    files = [path for path in arguments.what if not path.is_dir()]
    tables = [(path / TABLE, [path]) for path in arguments.what if path.is_dir()] or ([] if files else [(LIST, roots)])
    for table, places in tables:
        found, missing = read_list(arguments.labels or table, places)
        pictures += found
        for name in missing:
            print(f"not here, or other bytes: {name}", file=sys.stderr)
    pictures += from_files(files, arguments.kind)
    if arguments.half:
        pictures = [picture for picture in pictures if picture.half == arguments.half]
    if arguments.only:
        pictures = [picture for picture in pictures if picture.kind == arguments.only]
    return pictures[:: arguments.every]


def judge_kinds(pictures: Sequence[Picture], arguments: argparse.Namespace) -> list[Any]:
    """Accuracy and confusion of kinds and methods, by half."""
    answers = []
    for picture in pictures:
        answer = Answer(picture, *taken_for(load(picture, SIDE)))
        answers.append(answer)
        verdict = "" if answer.method_right and answer.kind_right is not False else "WRONG"
        labels = "|".join(picture.kinds)
        print(f"{verdict:5} {picture.name[:36]:36} {labels:34} {answer.kind:20} {answer.method}", flush=True)
    for of in ("kind", "method"):
        print(f"\n{of}", *confusion(answers, of), sep="\n")
    for half in Half:
        of_half = [answer for answer in answers if answer.picture.half == half]
        if not of_half:
            continue
        kinds, methods = accuracy(of_half)
        print(f"{half}: kinds right {'-' if kinds is None else f'{kinds:.0%}'}, methods right {methods:.0%}")
    del arguments
    return [
        {"picture": answer.picture.name, "labels": answer.picture.kinds, "kind": answer.kind, "method": answer.method}
        for answer in answers
    ]


def judge_process(pictures: Sequence[Picture], arguments: argparse.Namespace) -> list[Any]:
    """All measures of each picture."""
    print(f"{'picture':30} {'kind':14} {'method':12} {'':4} " + " ".join(f"{name[:9]:>9}" for name in BANDS))
    studies = []
    for picture in pictures:
        found = study(picture, every_operation=not arguments.quick, fakes=not arguments.quick)
        studies.append(found)
        print_study(found)
    print_summary(studies)
    return [{**asdict(found), "passes": found.passes} for found in studies]


def print_study(found: Study) -> None:
    """One line of figures, and one for what is wrong."""
    figures = " ".join(
        f"{'-':>9}" if found.values.get(name) is None else f"{found.values[name]:9.3f}" for name in BANDS
    )
    verdict = "pass" if found.passes else "FAIL"
    print(f"{found.picture[:30]:30} {found.kind:14} {found.method[:12]:12} {verdict} {figures}", flush=True)
    if found.broken:
        print(f"    broken: {', '.join(found.broken)}")
    for name, broken in found.fakes.items():
        if not broken:
            print(f"    {name} passes for a painting process")


def print_summary(studies: Sequence[Study]) -> None:
    """How many pass, by half and by kind, which bands break most, and whether every fake was caught."""
    for half in Half:
        of_half = [found for found in studies if found.half == half]
        clean = sum(not found.broken for found in of_half)
        line_based = [found for found in of_half if Kind(found.kind) in LINE_BASED]
        clean_lines = sum(not found.broken for found in line_based)
        print(f"{half}: {clean} of {len(of_half)} within all bands; line-based {clean_lines} of {len(line_based)}")
    names = [*BANDS, "cross"]
    counts = {name: sum(name in found.broken for found in studies) for name in names}
    print("broken bands: " + ", ".join(f"{name} {count}" for name, count in counts.items() if count))
    crosses = [found.values["cross"] for found in studies if found.values.get("cross") is not None]
    if crosses:
        print(f"construction through the eyes: {sum(filter(None, crosses)):.0f} of {len(crosses)}")
    fakes = [broken for found in studies for broken in found.fakes.values()]
    if fakes:
        print(f"fakes caught: {sum(map(bool, fakes))} of {len(fakes)}")


def judge_sizes(pictures: Sequence[Picture], arguments: argparse.Namespace) -> list[Any]:
    """Is the answer the same at every size?"""
    results = []
    for picture in pictures:
        found = compare_sizes(picture)
        results.append({**asdict(found), "same": found.same})
        print(
            f"{'same' if found.same else 'DIFFERENT':9} {picture.name[:36]:36} {'/'.join(found.kinds):30}"
            f" {'/'.join(found.methods):24} construction {found.construction:.2f} order {found.order:.2f}",
            flush=True,
        )
    print(f"{sum(result['same'] for result in results)} of {len(results)} are the same at both sizes")
    del arguments
    return results


def judge_seeds(pictures: Sequence[Picture], arguments: argparse.Namespace) -> list[Any]:
    """Are other seeds other artists?"""
    results = []
    for picture in pictures:
        found = compare_seeds(picture)
        results.append({**asdict(found), "different": found.different})
        states = " ".join(f"{distance:.3f}" for distance in found.states)
        verdict = "different" if found.different else "ALIKE"
        print(f"{verdict:9} {picture.name[:36]:36} construction {found.construction:.2f} states {states}", flush=True)
    print(f"{sum(result['different'] for result in results)} of {len(results)} differ between seeds")
    del arguments
    return results


def draw_sheets(pictures: Sequence[Picture], arguments: argparse.Namespace) -> list[Any]:
    """16 states of each process as a picture."""
    arguments.out.mkdir(parents=True, exist_ok=True)
    for picture in pictures:
        history = History(load(picture, arguments.side), arguments.seed)
        shares = [0.02, *(number / (STATES - 1) for number in range(1, STATES))]
        captions = [f"{share:.2f} {label_at(history, share)}"[:40] for share in shares]
        sheet = contact_sheet([history.state(share) for share in shares], captions, tile=arguments.tile)
        path = arguments.out / f"{picture.name}.jpg"
        sheet.save(path, quality=88)
        print(path, history.kind, history.method, flush=True)
    return []


def draw_frames(pictures: Sequence[Picture], arguments: argparse.Namespace) -> list[Any]:
    """Six consecutive frames of a default video at the picture's own size, cut to the head or the middle."""
    arguments.out.mkdir(parents=True, exist_ok=True)
    for picture in pictures:
        history = History(load(picture, FULL_SIDE), arguments.seed)
        h, w = history.painting.shape[:2]
        middle = np.s_[h // 5 : h // 5 + min(h, 560), max(0, w // 2 - 300) : w // 2 + 300]
        window = head_box(picture.eyes, h, w) if picture.eyes else middle
        first = round(arguments.at * (VIDEO_FRAMES - 1))
        shares = [(first + number) / (VIDEO_FRAMES - 1) for number in range(6)]
        states = [history.state(share)[window] for share in shares]
        captions = [f"{share:.3f} {label_at(history, share)}" for share in shares]
        sheet = contact_sheet(states, captions, tile=max(states[0].shape[:2]), columns=3)
        path = arguments.out / f"{picture.name}-{arguments.at:.2f}.png"
        sheet.save(path)
        print(path, flush=True)
    return []


def label_at(history: History, share: float) -> str:
    """The label of the operation that is being made."""
    operation = history.document.operation_at(share * history.count - 0.01)
    return f"{operation.phase}: {operation.label}"


COMMANDS: dict[str, Callable[[Sequence[Picture], argparse.Namespace], list[Any]]] = {
    "kinds": judge_kinds,
    "process": judge_process,
    "sizes": judge_sizes,
    "seeds": judge_seeds,
    "sheets": draw_sheets,
    "frames": draw_frames,
}


def main() -> None:
    """Run one command over the pictures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=COMMANDS)
    parser.add_argument("what", nargs="*", type=Path, metavar="WHAT")
    parser.add_argument("--root", type=Path, action="append", default=[], help="where packages have been unpacked")
    parser.add_argument("--labels", type=Path, help="another table than the list's or the folder's own")
    parser.add_argument("--half", type=Half, choices=list(Half))
    parser.add_argument("--only", type=Kind, choices=list(Kind), help="pictures of one labelled kind")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="each Nth picture")
    parser.add_argument("--kind", type=Kind, choices=list(Kind), default=Kind.INKED, help="of pictures given as files")
    parser.add_argument("--quick", action="store_true", help="neither single operations nor fakes")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures to FILE")
    parser.add_argument("--out", type=Path, default=Path("sheets"), metavar="FOLDER")
    parser.add_argument("--side", type=int, default=SIDE, help="longer side of the sheets' processes")
    parser.add_argument("--tile", type=int, default=300)
    parser.add_argument("--at", type=float, default=0.6, help="share of the process at the first of the frames")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_intermixed_args()
    cv2.setNumThreads(2)
    results = COMMANDS[arguments.command](pictures_of(arguments), arguments)
    if arguments.json:
        bands = {name: {"low": band.low, "high": band.high} for name, band in BANDS.items()}
        arguments.json.write_text(json.dumps({"bands": bands, "results": results}, indent=1))


if __name__ == "__main__":
    main()
