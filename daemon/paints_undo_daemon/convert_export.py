"""The service's export options as the engine's."""

from __future__ import annotations

from paints_undo.v1 import jobs_pb2
from paints_undo_daemon.convert import word_from_proto
from paints_undo_engine.errors import InvalidRequestError
from paints_undo_engine.export.options import Aspect, ExportFormat, ExportOptions, LayerContent

FORMATS = {
    jobs_pb2.EXPORT_FORMAT_MP4: ExportFormat.MP4,
    jobs_pb2.EXPORT_FORMAT_WEBM: ExportFormat.WEBM,
    jobs_pb2.EXPORT_FORMAT_GIF: ExportFormat.GIF,
    jobs_pb2.EXPORT_FORMAT_WEBP: ExportFormat.WEBP,
    jobs_pb2.EXPORT_FORMAT_APNG: ExportFormat.APNG,
    jobs_pb2.EXPORT_FORMAT_PNG_SEQUENCE: ExportFormat.PNG_SEQUENCE,
    jobs_pb2.EXPORT_FORMAT_ORA: ExportFormat.ORA,
    jobs_pb2.EXPORT_FORMAT_PSD: ExportFormat.PSD,
    jobs_pb2.EXPORT_FORMAT_CONTACT_SHEET: ExportFormat.CONTACT_SHEET,
}
ASPECTS = {
    jobs_pb2.ASPECT_1_1: Aspect.SQUARE,
    jobs_pb2.ASPECT_4_5: Aspect.PORTRAIT,
    jobs_pb2.ASPECT_9_16: Aspect.TALL,
    jobs_pb2.ASPECT_16_9: Aspect.WIDE,
}
CONTENTS = {
    jobs_pb2.LAYER_CONTENT_KEYFRAMES: LayerContent.KEYFRAMES,
    jobs_pb2.LAYER_CONTENT_FRAMES: LayerContent.FRAMES,
    jobs_pb2.LAYER_CONTENT_SPLIT: LayerContent.SPLIT,
}


def export_options_from_proto(message: jobs_pb2.ExportOptions) -> ExportOptions:
    """Validated options. The format must be given. Raises `InvalidRequestError`."""
    if not message.format:
        raise InvalidRequestError("format", 0, "given")
    values = {"hold_last_seconds": message.hold_last_seconds} if message.HasField("hold_last_seconds") else {}
    return ExportOptions(
        format=word_from_proto(FORMATS, message.format, ExportFormat.MP4, "format"),
        frames_per_second=message.frames_per_second,
        duration_seconds=message.duration_seconds,
        result_first_seconds=message.result_first_seconds,
        reverse=message.reverse,
        ping_pong=message.ping_pong,
        aspect=word_from_proto(ASPECTS, message.aspect, Aspect.OWN, "aspect"),
        letterbox=message.letterbox,
        max_side=message.max_side,
        scale_to_painting=message.scale_to_painting,
        layer_content=word_from_proto(CONTENTS, message.layer_content, LayerContent.KEYFRAMES, "layer_content"),
        omit_metadata=message.omit_metadata,
        **values,
    )
