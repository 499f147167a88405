"""The joints of a figure, by their rows in what the network for poses answers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray


class Joint(IntEnum):
    """A place of a body, by its row in a pose; left and right are the figure's own."""

    NOSE = 0
    LEFT_EYE = 2
    RIGHT_EYE = 5
    LEFT_EAR = 7
    RIGHT_EAR = 8
    LEFT_LIP = 9
    RIGHT_LIP = 10
    LEFT_SHOULDER = 11
    RIGHT_SHOULDER = 12
    LEFT_ELBOW = 13
    RIGHT_ELBOW = 14
    LEFT_WRIST = 15
    RIGHT_WRIST = 16
    LEFT_HIP = 23
    RIGHT_HIP = 24
    LEFT_KNEE = 25
    RIGHT_KNEE = 26
    LEFT_ANKLE = 27
    RIGHT_ANKLE = 28
    LEFT_TOES = 31
    RIGHT_TOES = 32


@dataclass(frozen=True, slots=True, eq=False)
class Pose:
    """Where a figure's joints are: `places` float32 [33, 2]; `seen` bool [33]: in the picture, and not hidden."""

    places: NDArray[np.float32]
    seen: NDArray[np.bool_]

    def has(self, *joints: Joint) -> bool:
        """Whether all these are seen."""
        return bool(self.seen[list(joints)].all())

    def at(self, joint: Joint) -> NDArray[np.float64]:
        """The place [2] of a joint, seen or not."""
        return np.asarray(self.places[joint], np.float64)

    def middle(self, left: Joint) -> NDArray[np.float64]:
        """The place [2] between the left one of a pair and the right one, which is the next row."""
        return np.asarray(self.places[left : left + 2].mean(axis=0), np.float64)

    @property
    def breadth(self) -> float:
        """Of the trunk seen from the front, in pixels: from the side the shoulders lie on one another."""
        shoulders = self.at(Joint.LEFT_SHOULDER) - self.at(Joint.RIGHT_SHOULDER)
        spine = self.middle(Joint.LEFT_SHOULDER) - self.middle(Joint.LEFT_HIP)
        return max(float(np.hypot(*shoulders)), 0.55 * float(np.hypot(*spine)))
