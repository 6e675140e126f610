"""Scenes that are drawn for tests, and an index of them whose vectors come from the real encoder server."""

import io
from dataclasses import dataclass
from typing import Any

import httpx
import numpy as np
from opensearchpy import OpenSearch
from PIL import Image

from encoders.client import EncoderClient
from encoders.training.world.canvas import Scene, Size
from infra import demo_takes as takes
from search_api.settings import SearchSettings

SIZE = Size(320, 180)
SCENES = (
    *(takes.car_in_city, takes.cat_in_snow, takes.lighthouse, takes.balloons, takes.bakery, takes.beach_game),
    *(takes.train_ride, takes.fish_tank, takes.regatta, takes.butterfly_garden, takes.fireworks, takes.winter),
)


def picture(scene: Scene, seconds: float, kind: str = "PNG") -> bytes:
    """A frame of a scene as a file."""
    file = io.BytesIO()
    scene.still(SIZE, seconds, min(1.0, seconds / 10)).save(file, kind)
    return file.getvalue()


@dataclass
class DrawnIndex:
    """A search API over drawn videos: video `n` shows scene `n` alone, in two moments of 5 s."""

    api: httpx.AsyncClient
    engine: OpenSearch
    settings: SearchSettings
    encoder: EncoderClient

    async def fill(self) -> None:
        for number, take in enumerate(SCENES):
            scene = take(SIZE.unit)
            await self.add(f"v{number}", [picture(scene, 2.0), picture(scene, 7.0)])

    async def add(self, video: str, pictures: list[bytes], **changes: Any) -> None:
        """Index a video of one moment for each picture, as the span agent would."""
        common = {"video_id": video, "bucket": "videos", "revision": 1}
        spans = [{"state": "d", "run": "won", "lost": 0, "record": None, "reason": None}]
        entry = {**common, "key": f"{video}.mp4", "status": "ready", "duration_seconds": 60.0, "spans": spans}
        self.engine.index(index=self.settings.videos_alias, id=video, body={**entry, **changes})
        for n, file in enumerate(pictures):
            (vector,) = await self.encoder.embed_picture_file(file)
            body = {**common, "span": 0, "run": "won", "start_seconds": 5.0 * n, "stop_seconds": 5.0 * n + 5.0}
            body |= {"visual": np.asarray(vector).tolist(), "language": "ru" if video == "v1" else "en"}
            self.engine.index(index=self.settings.moments_alias, id=f"{video}:1:0:won:{n}", body=body)
        self.engine.indices.refresh(index=self.settings.moments_alias)


def image(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))
