"""The image encoder: a stock CLIP vision tower, read at any aspect ratio (docs/models.md, "Image encoder").

The embeddings are made here, because the published model resizes its position table with nearest neighbours, which the
library's own interpolation does not. https://arxiv.org/abs/2103.00020

Shapes in names: n pictures, c channels, h height, w width, l tokens, d hidden size.
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

    def forward(self, images_nchw: Tensor) -> Tensor:
        """Pictures in [-1, 1] -> [n, 1 + patches, d], without post-norm and projection."""
        hidden_nld = self.vision_model.pre_layrnorm(self.embed(self.preprocess(images_nchw)))
        out_nld: Tensor = self.vision_model.encoder(inputs_embeds=hidden_nld).last_hidden_state
        return out_nld

    def preprocess(self, images_nchw: Tensor) -> Tensor:
        """Bring the shorter side to the grid's patches (both sides whole patches) and normalise."""
        height, width = images_nchw.shape[-2:]
        scale = self.grid / min(height, width)
        size = [self.patch * round(scale * side) for side in (height, width)]
        unit_nchw = images_nchw * 0.5 + 0.5
        device, dtype = images_nchw.device, images_nchw.dtype
        if device.type == "cpu" and dtype != torch.float32:
            unit_nchw = unit_nchw.float()  # torch has no kernel there for narrower numbers
        resized_nchw = F.interpolate(unit_nchw, size=size, mode="bicubic", align_corners=False, antialias=True)
        mean_c11, std_c11 = (torch.tensor(v, dtype=dtype, device=device)[:, None, None] for v in (_MEAN, _STD))
        return (resized_nchw.to(dtype) - mean_c11) / std_c11

    def embed(self, pixels_nchw: Tensor) -> Tensor:
        """Patch and class embeddings with their positions: [n, 1 + patches, d]."""
        embeddings = self.vision_model.embeddings
        patches_ndhw: Tensor = embeddings.patch_embedding(pixels_nchw)
        tokens_nld = patches_ndhw.flatten(2).transpose(1, 2)
        class_n1d = embeddings.class_embedding.expand(pixels_nchw.shape[0], 1, -1)
        return torch.cat([class_n1d, tokens_nld], dim=1) + self.positions(*patches_ndhw.shape[-2:])

    def positions(self, rows: int, columns: int) -> Tensor:
        """The position table for a patch grid: [1 + rows * columns, d]; cell i of n reads floor(i * 16 / n)."""
        table_ld: Tensor = self.vision_model.embeddings.position_embedding.weight
        grid_1dhw = torch.unflatten(table_ld[1:], 0, (1, self.grid, self.grid)).permute(0, 3, 1, 2)
        cells_1dhw = F.interpolate(grid_1dhw, size=(rows, columns), mode="nearest")
        return torch.cat([table_ld[:1], cells_1dhw[0].flatten(1).transpose(0, 1)])
