"""The image encoder: a stock CLIP vision tower, read at any aspect ratio (docs/models.md, "Image encoder").

The embeddings are made here, because the published model resizes its position table with nearest neighbours, which the
library's own interpolation does not. https://arxiv.org/abs/2103.00020
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from transformers import CLIPVisionConfig, CLIPVisionModelWithProjection

_MEAN = (0.48145466, 0.4578275, 0.40821073)
_STD = (0.26862954, 0.26130258, 0.27577711)


class ImageEncoder(nn.Module):
    """CLIP vision tower with the published parameter names; gives the last hidden states, class token first."""

    def __init__(self, config: CLIPVisionConfig) -> None:
        super().__init__()
        stock = CLIPVisionModelWithProjection(config)
        self.patch = int(config.patch_size)
        self.grid = int(config.image_size) // self.patch
        self.vision_model = stock.vision_model
        self.visual_projection = stock.visual_projection
        del self.vision_model.embeddings.position_ids  # the library's own lookup, which is not used here

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> ImageEncoder:
        """Build from a ``config.json`` mapping; the dtype recorded there is the loader's business, not the model's."""
        fields = {name: value for name, value in data.items() if name not in ("torch_dtype", "dtype")}
        return cls(CLIPVisionConfig.from_dict(fields))

    def forward(self, images: Tensor) -> Tensor:
        """images [N, 3, H, W] in [-1, 1] -> [N, 1 + patches, hidden_size], without post-norm and projection."""
        hidden = self.vision_model.pre_layrnorm(self.embed(self.preprocess(images)))
        out: Tensor = self.vision_model.encoder(inputs_embeds=hidden).last_hidden_state
        return out

    def preprocess(self, images: Tensor) -> Tensor:
        """Bring the shorter side to the grid's patches (both sides whole patches) and normalise: -> [N, 3, H', W']."""
        height, width = images.shape[-2:]
        scale = self.grid / min(height, width)
        size = [self.patch * round(scale * side) for side in (height, width)]
        unit = images * 0.5 + 0.5
        narrow = images.device.type == "cpu" and images.dtype != torch.float32  # torch has no such kernel there
        resized = F.interpolate(
            unit.float() if narrow else unit, size=size, mode="bicubic", align_corners=False, antialias=True
        ).to(images.dtype)
        mean, std = (torch.tensor(v, dtype=images.dtype, device=images.device)[:, None, None] for v in (_MEAN, _STD))
        return (resized - mean) / std

    def embed(self, pixels: Tensor) -> Tensor:
        """Patch and class embeddings with their positions: [N, 3, H', W'] -> [N, 1 + patches, hidden_size]."""
        embeddings = self.vision_model.embeddings
        patches: Tensor = embeddings.patch_embedding(pixels)
        tokens = patches.flatten(2).transpose(1, 2)
        class_token = embeddings.class_embedding.expand(pixels.shape[0], 1, -1)
        return torch.cat([class_token, tokens], dim=1) + self.positions(*patches.shape[-2:])

    def positions(self, rows: int, columns: int) -> Tensor:
        """The position table for a patch grid: [1 + rows*columns, hidden_size]; cell i of n reads floor(i * 16 / n)."""
        table: Tensor = self.vision_model.embeddings.position_embedding.weight
        grid = torch.unflatten(table[1:], 0, (1, self.grid, self.grid)).permute(0, 3, 1, 2)
        cells = F.interpolate(grid, size=(rows, columns), mode="nearest")
        return torch.cat([table[:1], cells[0].flatten(1).transpose(0, 1)])
