"""What an uploaded file says of how it was made, asked of the daemon."""

from __future__ import annotations

import hashlib

import grpc
import pytest

from paints_undo.v1 import jobs_pb2, pictures_pb2

from .conftest import Client, few


def exported(client: Client, painting: str) -> bytes:
    job, _ = client.finish(painting, parameters=few())
    options = jobs_pb2.ExportOptions(format=jobs_pb2.EXPORT_FORMAT_GIF)
    request = jobs_pb2.ExportJobRequest(job_id=job.job_id, options=options)
    return b"".join(part.chunk for part in client.jobs.ExportJob(request))


def verdict(client: Client, data: bytes) -> pictures_pb2.VerifyFileResponse:
    return client.pictures.VerifyFile(pictures_pb2.VerifyFileRequest(hash=client.upload(data)))


def test_an_export_holds_and_a_changed_one_does_not(client: Client, painting: str) -> None:
    data = exported(client, painting)
    found = verdict(client, data)
    assert found.verdict == pictures_pb2.VERDICT_HOLDS
    assert any(each.holds for each in found.findings)
    assert len(found.painting_fingerprint) == 64
    changed = verdict(client, data[:-1] + b"!")
    assert changed.verdict == pictures_pb2.VERDICT_CHANGED
    assert any(each.HasField("holds") and not each.holds for each in changed.findings)


def test_a_file_without_marks_is_unmarked(client: Client) -> None:
    found = verdict(client, b"anything at all")
    assert found.verdict == pictures_pb2.VERDICT_UNMARKED
    assert not found.findings


@pytest.mark.parametrize("field", ["hash", "sidecar_hash"])
def test_a_file_that_is_not_there_is_not_found(client: Client, painting: str, field: str) -> None:
    given = {"hash": painting, field: hashlib.sha256(b"never sent").hexdigest()}
    with pytest.raises(grpc.RpcError) as refused:
        client.pictures.VerifyFile(pictures_pb2.VerifyFileRequest(**given))
    assert refused.value.code() is grpc.StatusCode.NOT_FOUND
