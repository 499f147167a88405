"""Several pictures as jobs of the daemon, which go on when this program ends: submit them, follow them, save films.

python examples/jobs.py *.png --out out
"""

from __future__ import annotations

import argparse
from pathlib import Path

import paints_undo


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pictures", type=Path, nargs="+")
    parser.add_argument("--out", type=Path, default=Path("out"))
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)

    with paints_undo.connect() as client:
        jobs = {path: client.submit(path, title=path.stem, batch=True) for path in asked.pictures}
        for path, job in jobs.items():
            for update in client.watch(job.job_id):
                if update.kind is not paints_undo.UpdateKind.PROGRESS:
                    print(path.name, update)
            ended = client.job(job.job_id)
            if ended.state is paints_undo.JobState.FINISHED:
                print(f"{path.name} took {(ended.ended_at or ended.created_at) - ended.created_at}")
                client.export(job.job_id, asked.out / f"{path.stem}.mp4", overwrite=True)


if __name__ == "__main__":
    main()
